/**
 * Loaded into the process of the slide server before anything else: ends it when the command that started it is gone,
 * however that went. The channel between the two closes with either of them on every system, where signals and process
 * groups differ.
 */
process.once('disconnect', () => process.exit())
// A listener keeps the process alive; this one must not if nothing else does.
process.channel?.unref()
