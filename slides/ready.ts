/// <reference types="vite/types/importMeta.d.ts" />
/**
 * What exists today, found in the folders themselves, so that no slide can promise more than is there.
 */

// Vite reads glob calls without running them: the patterns must stay literal, and `Object.keys` directly
// around a call keeps the decks' texts out of the bundle.
const deckPaths = Object.keys(import.meta.glob('./*/slides.md'))
const labPaths = Object.keys(import.meta.glob('../labs/*/manifest.json'))

const deckFolders = new Set(deckPaths.map(folderOf))
const labFolders = new Set(labPaths.map(folderOf))

/** A module is ready when its deck is there. */
export function isModuleReady(id: string): boolean {
  return deckFolders.has(id)
}

/** A lab is ready when its manifest is there. */
export function isLabReady(id: string): boolean {
  return labFolders.has(id)
}

function folderOf(path: string): string {
  return path.split('/').at(-2) ?? ''
}
