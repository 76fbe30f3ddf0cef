import { defineConfig } from 'vitest/config'

const project = (name: string, include: string[], testTimeout = 30_000, globalSetup: string[] = []) => ({
  test: { name, include, testTimeout, globalSetup, environment: 'node' as const },
})

/**
 * `npm test` runs all but `labs`, which judges the lab files as they stand: for students, and red until they are solved.
 */
const projects = [
  project('engine', ['tests/engine/**/*.test.ts']),
  project('contracts', ['tests/contracts/**/*.test.ts']),
  project('course', ['tests/course/**/*.test.ts'], 120_000),
  project('repository', ['tests/repository/**/*.test.ts'], 120_000),
  project('player', ['tests/player/**/*.test.ts']),
  project('browser', ['tests/browser/**/*.test.ts'], 120_000, [
    'tests/support/ensure-browser.ts',
    'tests/support/built-site.ts',
  ]),
  project('cli', ['tests/cli/**/*.test.ts'], 120_000),
  project('published', ['tests/published/**/*.test.ts'], 600_000),
]

export default defineConfig({
  test: { projects: process.env['PEERLAB_LABS'] === '1' ? [project('labs', ['tests/labs/**/*.test.ts'])] : projects },
})
