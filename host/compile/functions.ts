/** One function as C, and all that it calls before it. */
import ts from 'typescript';
import { resultOf } from './calls';
import { newRoutine, noteStruct, refuse, routineName, type Compilation, type Routine } from './routines';
import { Refused, tagOf } from './source';
import { compileBody } from './statements';
import { cName, spaced, structOf, typeOf } from './types';

/**
 * Compiles a function, once.
 *
 * A comment's `@wide EXPRESSION` gives the same value by a product of 64 bits: what C computes where the
 * processor has one.
 */
export function compileFunction(compilation: Compilation, node: Routine['node'], name: string): Routine {
  const known = compilation.routines.get(node);
  if (known && !known.text) throw new Refused(compilation, node, 'a function must not call itself');
  if (known) return known;
  const routine = newRoutine(node, routineName(node, name));
  compilation.routines.set(node, routine);
  try {
    routine.head = `static ${resultText(compilation, routine)}${routine.name}(${parameterTexts(compilation, node)})`;
    const wide = tagOf(node, 'wide'),
      narrow = compileBody(compilation, routine),
      body =
        wide === undefined
          ? narrow
          : `{\n#if FLINT_WIDE_MULTIPLY\n\treturn ${wide};\n#else\n${narrow.slice(2, -1)}#endif\n}`;
    // A restrict pointer is a promise that nobody else reads or writes the array meanwhile: it holds where no
    // called function touches arrays.
    const alone = !routine.calls.some((called) => called.touches);
    routine.text = `${routine.head}\n${body.replaceAll('RESTRICT', alone ? 'restrict' : '')}\n\n`;
  } catch (error) {
    refuse(compilation, error);
    routine.text = 'refused';
  }
  return routine;
}

function parameterTexts(compilation: Compilation, node: Routine['node']): string {
  const texts = node.parameters.map((parameter) => {
    const { name, initializer, questionToken, dotDotDotToken } = parameter;
    if (!ts.isIdentifier(name) || initializer || questionToken || dotDotDotToken)
      throw new Refused(compilation, parameter, 'a parameter is a name and nothing else');
    noteStruct(compilation, parameter);
    return spaced(typeOf(compilation, parameter)) + cName(name.text);
  });
  return texts.join(', ') || 'void';
}

/** A struct is returned by its value. */
function resultText(compilation: Compilation, { node }: Routine): string {
  const result = resultOf(compilation, node),
    struct = structOf(result);
  if (!struct) return spaced(typeOf(compilation, node, result));
  compilation.structs.add(struct);
  return struct.name.text + ' ';
}
