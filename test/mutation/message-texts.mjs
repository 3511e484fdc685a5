/**
 * Tells Stryker to leave sentences for people alone: the texts of errors and the `detail` of a refusal. Programs decide by codes,
 * which are mutated. A sentence is a text with a blank in it that is given to an error or is called a detail.
 */
const ERROR_MAKERS = /Error$|^(?:invalid|illegal)$/;

const isSentence = ({ node }) =>
  node.type === 'StringLiteral'
    ? node.value.includes(' ')
    : node.type === 'TemplateLiteral' && node.quasis.some(({ value }) => value.raw.includes(' '));

const makesError = ({ parent }) =>
  ['NewExpression', 'CallExpression', 'OptionalCallExpression'].includes(parent.type) &&
  ERROR_MAKERS.test(parent.callee.name ?? '');

const isDetail = ({ parent }) =>
  (parent.type === 'ObjectProperty' && parent.key.name === 'detail') ||
  (parent.type === 'VariableDeclarator' && parent.id.name === 'detail');

const shouldIgnore = (path) =>
  isSentence(path) && (makesError(path) || isDetail(path)) ? 'It is a sentence for people.' : undefined;

export const strykerPlugins = [{ kind: 'Ignore', name: 'message-texts', value: { shouldIgnore } }];
