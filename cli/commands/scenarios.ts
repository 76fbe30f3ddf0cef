import { Command } from 'commander'
import type { Context } from '../context.ts'

export function scenariosCommand(context: Context): Command {
  return new Command('scenarios')
    .description('list the scenarios, or show one with its parameters and measures')
    .argument('[scenario]', 'the id of a scenario')
    .option('--json', 'print an array for programs, with all parameters and measures')
    .addHelpText('after', `
The JSON is [{id, title, parameters: [{name, type, unit, min, max, options, default, label}], measures: [{name, unit,
label}]}]. What a parameter does not have is null: the unit of a share, min and max of a choice, the options of a number.
A share is a number from 0 to 1.`)
    .action(async (id: string | undefined, { json = false }: { readonly json?: boolean }) => {
      const { listScenarios } = await import('../scenarios/list-scenarios.ts')
      listScenarios(context, { id, json })
    })
}
