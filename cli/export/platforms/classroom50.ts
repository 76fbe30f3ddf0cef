import type { Manifest } from '../../labs/manifest.ts'
import { graderFiles, starterFiles, textFile, type PackageFiles } from './package-files.ts'

/**
 * Classroom 50: `autograders/<lab>` goes into the classroom's folder of the teacher's repository, `template` is the
 * beginning of what students get. The runner publishes the first on the organisation's Pages, and both can be read by
 * students: so there is no key in it, and no solution.
 */
export function classroom50Files(lab: Manifest): PackageFiles {
  const folder = `autograders/${lab.id}`
  const files = graderFiles(lab, `${folder}/peerlab`)
  files.set(`${folder}/autograder.py`, textFile(autograder(lab)))
  files.set('runtime.json', textFile(`${JSON.stringify({ 'runs-on': 'ubuntu-latest', node: '26' }, null, 2)}\n`))
  for (const [path, file] of starterFiles(lab, 'template')) files.set(path, file)
  return files
}

function autograder({ id, files }: Manifest): string {
  return `"""Grades ${id} with Peerlab: runs in the student's checkout and writes ./result.json there.

The runner reads a non-zero exit as a failure of the grading, not of the student.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

LAB = ${JSON.stringify(id)}
FILE = ${JSON.stringify(files[0])}
PEERLAB = Path(__file__).resolve().parent / "peerlab"

node, npm = shutil.which("node"), shutil.which("npm")
if node is None or npm is None:
    sys.exit("::error::Node is not there: add the assignment with --runtime runtime.json")

if not (PEERLAB / "node_modules").is_dir():
    # An older Node needs the one that Peerlab brings along.
    major = int(subprocess.check_output([node, "--version"], text=True).lstrip("v").split(".")[0])
    extra = ["--omit=dev"] if major >= 26 else []
    subprocess.run([npm, "ci", "--no-audit", "--no-fund", *extra], cwd=PEERLAB, check=True, stdout=subprocess.DEVNULL)

# The file may be at the top of the checkout, in a folder of the lab's name, or where Peerlab itself has it.
checkout = Path.cwd()
here = checkout / "labs" if (checkout / "labs" / LAB / FILE).is_file() else checkout

command = [node, str(PEERLAB / "cli" / "bin" / "peerlab.js"), "grade", LAB]
command += ["--submission", str(here), "--format", "classroom50"]
sys.exit(subprocess.run(command, env=os.environ).returncode)
`
}
