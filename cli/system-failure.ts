/** What a system refused, in words. */
export interface SystemFailure {
  /** The end of a sentence about the file. */
  readonly reason: string
  /** A whole sentence. */
  readonly message: string
  /** What to do about it. */
  readonly wayOut: string
}

/**
 * What a system refused, out of what Node says of it (`EROFS: read-only file system, open '/a/file'`), be it the message
 * of an error or all that another process has said. Undefined where nothing is known of it.
 */
export function systemFailureIn(text: string): SystemFailure | undefined {
  for (const [, code, call, path] of text.matchAll(/\b(E[A-Z]{3,}): [^,\n]+(?:, (\w+)(?: '([^'\n]+)')?)?/g)) {
    const found = explain(code!, call, path)
    if (found !== undefined) return found
  }
  return undefined
}

function explain(code: string, call: string | undefined, path: string | undefined): SystemFailure | undefined {
  const there = path === undefined ? '.' : `: ${path}`
  switch (code) {
    case 'EMFILE':
    case 'ENFILE':
      return call === 'watch' ? watchingIsUsedUp : tooManyFiles
    case 'ENOSPC':
      // Linux has one word for two things.
      return call === 'watch' ? watchingIsUsedUp : diskIsFull(there)
    case 'EDQUOT':
      return diskIsFull(there)
    case 'EROFS':
      return isReadOnly(there)
    case 'EACCES':
    case 'EPERM':
      return path === undefined ? undefined : isNotAllowed(there)
    default:
      return undefined
  }
}

const watchingIsUsedUp: SystemFailure = {
  reason: 'this system watches as many files as it may',
  message: 'This system watches as many files as it may.',
  wayOut:
    'Close other editors and servers, or on Linux run: sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512',
}

const tooManyFiles: SystemFailure = {
  reason: 'this system has as many files open as it may',
  message: 'This system has as many files open as it may.',
  wayOut: 'Close other programs, or allow more, for example with: ulimit -n 4096',
}

function diskIsFull(there: string): SystemFailure {
  return {
    reason: 'the disk is full',
    message: `The disk is full, and nothing more could be written${there}`,
    wayOut: 'Delete something: 500 MB should be free.',
  }
}

function isReadOnly(there: string): SystemFailure {
  return {
    reason: 'the disk is read-only',
    message: `Nothing can be written here, because the disk is read-only${there}`,
    wayOut: 'Copy Peerlab to a disk on which you may write, and start it there.',
  }
}

function isNotAllowed(there: string): SystemFailure {
  return {
    reason: 'you have no right to',
    message: `You have no right to use this file or folder${there}`,
    wayOut: 'Copy Peerlab to a folder of your own, or give yourself the right to this one.',
  }
}
