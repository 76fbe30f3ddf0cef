import { Command } from 'commander'
import type { Context } from '../context.ts'

export function courseCommand(context: Context): Command {
  const course = new Command('course').description('for authors of the course')
  course
    .command('check')
    .description('check every lab: starters fail, solutions pass, wrong answers are caught, texts are complete')
    .action(async () => {
      const { showCourseCheck } = await import('../course/show-course-check.ts')
      await showCourseCheck(context)
    })
  return course
}
