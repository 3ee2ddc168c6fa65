/** One function as C, and all that it calls before it. */
import ts from 'typescript';
import { nameOf, newRoutine, noteStruct, refuse, type Compilation, type Routine } from './routines';
import { Refused, tagOf } from './source';
import { RESTRICT, compileBody } from './statements';
import { cName, isArray, resultOf, spaced, structOf, typeOf } from './types';

const INLINING: Record<string, string> = {
  noinline: '__attribute__((noinline)) ',
  inline: 'inline __attribute__((always_inline)) ',
};

/**
 * Compiles a function, once.
 *
 * A comment's `@wide EXPRESSION` gives the same value by a product of 64 bits: what C computes where the
 * processor has one. `@noinline` keeps it apart from its callers, where their registers would not suffice;
 * `@inline` has it within them, where GCC would call it for each pixel.
 */
export function compileFunction(compilation: Compilation, node: Routine['node'], name: string): Routine {
  const known = compilation.routines.get(node);
  if (known && !known.text) throw new Refused(compilation, node, 'a function must not call itself');
  if (known) return known;
  const routine = newRoutine(node, nameOf(compilation, node, name));
  compilation.routines.set(node, routine);
  try {
    const inlining = ['noinline', 'inline'].find((tag) => tagOf(node, tag) !== undefined),
      hint = inlining ? INLINING[inlining] : '';
    routine.head = `static ${hint}${resultText(compilation, routine)}${routine.name}(${parameterTexts(compilation, routine)})`;
    const wide = tagOf(node, 'wide'),
      narrow = compileBody(compilation, routine),
      body =
        wide === undefined
          ? narrow
          : `{\n#if FLINT_WIDE_MULTIPLY\n\treturn ${wide};\n#else\n${narrow.slice(2, -1)}#endif\n}`;
    // A restrict pointer is a promise that nobody else reads or writes the array meanwhile: it holds where no
    // called function touches arrays, and none is reached by another name.
    const alone = !routine.aliases && !routine.calls.some((called) => called.touches);
    routine.text = `${routine.head}\n${body.replaceAll(RESTRICT, alone ? 'restrict' : '')}\n\n`;
  } catch (error) {
    refuse(compilation, error);
    routine.text = 'refused';
  }
  return routine;
}

function parameterTexts(compilation: Compilation, routine: Routine): string {
  const texts = routine.parameters.map((parameter) => {
    const { name, initializer, questionToken, dotDotDotToken } = parameter;
    if (!ts.isIdentifier(name) || initializer || questionToken || dotDotDotToken)
      throw new Refused(compilation, parameter, 'a parameter is a name and nothing else');
    noteStruct(compilation, parameter);
    const type = typeOf(compilation, parameter);
    if (isArray(type) && !/^const (int32|uint8)/.test(type)) routine.aliases = true;
    return spaced(type) + cName(name.text);
  });
  return texts.join(', ') || 'void';
}

/** A struct is returned by its value. */
function resultText(compilation: Compilation, { node }: Routine): string {
  const result = resultOf(compilation, node),
    struct = structOf(result);
  if (!struct) {
    const type = typeOf(compilation, node, result);
    if (isArray(type))
      throw new Refused(compilation, node, 'no array is returned; put { } around a statement');
    return spaced(type);
  }
  noteStruct(compilation, node, result);
  return struct.name.text + ' ';
}
