/** The page on which a browser says who it is. There is no password: the issuer is a stand-in for development. */

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem;color:#1b1b1f}' +
  'h1{font-size:1.4rem}label{display:block;margin-top:1.5rem}input,button{font:inherit;width:100%;padding:.5rem;' +
  'box-sizing:border-box;margin-top:.25rem}button{margin-top:1rem;background:#174ea6;color:#fff;border:0;border-radius:4px}' +
  '.note{background:#fff4d6;padding:.5rem .75rem;border-radius:4px}.error{color:#b3261e}';

export interface SignInPage {
  /** Where the form goes. */
  action: string;
  /** Addresses to pick from. */
  samples: readonly string[];
  /** What was typed before, if it named nobody. */
  unknown?: string;
}

export const renderSignInPage = ({ action, samples, unknown }: SignInPage): string => {
  const options = samples.map((email) => `<option value="${escape(email)}"></option>`).join('');
  const error =
    unknown === undefined
      ? ''
      : `<p class="error" role="alert">No account has the address ${escape(unknown)}.</p>`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in</title><style>${STYLE}</style></head>
<body>
<h1>Sign in to Commissary</h1>
<p class="note">Development stand-in for your organization's sign-in: any address of the sample directory will do, no password is asked.</p>
${error}
<form method="post" action="${escape(action)}">
<label>E-mail address
<input name="email" type="email" list="samples" autocomplete="username" required autofocus value="${escape(unknown ?? '')}"></label>
<datalist id="samples">${options}</datalist>
<button type="submit">Sign in</button>
</form>
</body>
</html>
`;
};
