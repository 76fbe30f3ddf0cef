/**
 * A plugin of TypeDoc: a class without a comment of its own has the opening comment of its file. A protocol is one file
 * here, and says at the top what the idea is, where it comes from and what is simplified; TypeDoc reads that as a comment
 * on a module, and leaves out modules that are no entry point.
 */
import { Comment, Converter, ReflectionKind } from 'typedoc'

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Class) || reflection.comment !== undefined) return
    const file = context.getSymbolFromReflection(reflection)?.declarations?.[0]?.getSourceFile()
    // Before anything else than an import it would be the comment of that.
    const [, opening] = /^\/\*\*([^]*?)\*\/\s*import\b/.exec(file?.text ?? '') ?? []
    if (opening === undefined) return
    reflection.comment = new Comment([{ kind: 'text', text: opening.replace(/^[ \t]*\*[ \t]?/gm, '').trim() }])
  })
}
