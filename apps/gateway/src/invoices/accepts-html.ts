/** Whether an `Accept` header asks for a page rather than for JSON: a browser's does, `*` alone does not. */
export const prefersHtml = (accept: string | undefined): boolean => {
  if (accept === undefined) return false;
  const weights = new Map(
    accept.split(',').map((part) => {
      const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      const q = parameters.find((parameter) => parameter.startsWith('q='));
      return [type, q === undefined ? 1 : Number(q.slice(2)) || 0] as const;
    }),
  );
  return (weights.get('text/html') ?? 0) > (weights.get('application/json') ?? 0);
};
