import { Command } from 'commander'
import type { Context } from '../context.ts'

export function doctorCommand(context: Context): Command {
  return new Command('doctor')
    .description('check what Peerlab needs on this computer, and say how to fix what is wrong')
    .option('--json', 'print an array for programs')
    .addHelpText(
      'after',
      `
The JSON is [{check, ok, message, fix}]; fix is null where all is well. The checks are node, packages, install-scripts,
browser, port, file-watching and disk. Nothing is asked from the network.

The exit code is 0 when all is well and 1 otherwise.`,
    )
    .action(async ({ json = false }: { readonly json?: boolean }) => {
      const { showDoctor } = await import('../doctor/show-doctor.ts')
      await showDoctor(context, json)
    })
}
