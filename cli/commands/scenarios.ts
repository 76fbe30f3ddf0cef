import { Command } from 'commander'
import type { Context } from '../context.ts'

export function scenariosCommand(context: Context): Command {
  return new Command('scenarios')
    .description('list the scenarios, or show one with its parameters and measures')
    .argument('[scenario]', 'the id of a scenario')
    .option('--json', 'print an array for programs, with all parameters and measures')
    .addHelpText(
      'after',
      `
The JSON is [{id, title, parameters, measures}]:
  parameters   [{name, type, unit, min, max, options, default, label}]
  measures     [{name, unit, label}]; a share is a number from 0 to 1
What a parameter does not have is null: a share no unit, a choice no min and max, a number no options.`,
    )
    .action(async (id: string | undefined, { json = false }: { readonly json?: boolean }) => {
      const { listScenarios } = await import('../scenarios/list-scenarios.ts')
      listScenarios(context, { id, json })
    })
}
