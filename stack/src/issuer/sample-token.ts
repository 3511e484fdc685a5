import { fetch } from '../http/fetch.js';
import { StackError } from '../stack-error.js';
import { CLI_CLIENT_ID, SAMPLE_USER_GRANT } from './names.js';

/** A bearer token for an account of the sample directory, good for an hour. Throws `StackError` if there is none. [RUN-3] */
export const sampleToken = async (issuer: string, email: string): Promise<string> => {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: SAMPLE_USER_GRANT, client_id: CLI_CLIENT_ID, username: email }),
  });
  const answer = (await response.json()) as {
    access_token?: string;
    error?: string;
    error_description?: string;
  };
  if (answer.access_token !== undefined) return answer.access_token;
  if (answer.error === 'invalid_grant')
    throw new StackError(
      `No account has the address ${email}: name one of the sample directory, such as alex@contoso.example.`,
    );
  throw new StackError(
    `The issuer gave no token (${answer.error ?? ''} ${answer.error_description ?? ''}): see its log.`,
  );
};
