/**
 * Who may do what: every route, on a thing of the caller's tenant and on a foreign one, by every role.
 * A cell is the expected answer: a status, or a letter for a refusal.
 *
 * Callers, by column:
 * anon    nobody: no token                        disab   a disabled account of contoso
 * hdr     a contoso member who names a tenant     undel   the partner, naming litware, which did not delegate
 * user    a contoso member                        guest   a contoso guest
 * owner   the contoso member who bought it        gAdm    contoso's global admin
 * bAdm    contoso's billing admin                 read    contoso's global reader
 * partn   the partner in contoso (view, takeover) phome   the partner at home, a global admin of adatum
 * oper    an operator at home                     operC   an operator naming contoso
 * supp    support at home                         suppC   support naming contoso
 *
 * Things: `contoso` (bought by `owner`, or central), `litware` (foreign to all callers), `-` (none in the path).
 */
export const REFUSALS: Record<string, string> = {
  U: '401 unauthenticated',
  I: '401 account_inactive',
  H: '403 tenant_header_forbidden',
  D: '403 tenant_not_delegated',
  F: '403 forbidden',
  E: '403 not_eligible',
  T: '403 takeover_required',
  N: '404 not_found',
  S: '409 illegal_state',
};

/* Order of the callers' columns; `TABLE` repeats it as its head. */
export const CALLERS = [
  'anon',
  'disab',
  'hdr',
  'undel',
  'user',
  'guest',
  'owner',
  'gAdm',
  'bAdm',
  'read',
  'partn',
  'phome',
  'oper',
  'operC',
  'supp',
  'suppC',
] as const;
export type CallerName = (typeof CALLERS)[number];

export type ThingTenant = '-' | 'contoso' | 'litware';

const TABLE = `
method path                                                        thing   | anon disab hdr undel | user guest owner | gAdm bAdm read | partn phome | oper operC supp suppC
GET    /healthz                                                    -       | 200  200   200 200   | 200  200   200   | 200  200  200  | 200   200   | 200  200   200  200
GET    /readyz                                                     -       | 200  200   200 200   | 200  200   200   | 200  200  200  | 200   200   | 200  200   200  200
GET    /v1/discovery?email=x@contoso.example                       -       | 200  200   200 200   | 200  200   200   | 200  200  200  | 200   200   | 200  200   200  200
POST   /v1/provider-webhooks/stripe                                   -       | N    N     N   N     | N    N     N     | N    N    N    | N     N     | N    N     N    N

GET    /v1/me                                                      -       | U    I     H   D     | 200  200   200   | 200  200  200  | F     200   | 200  F     200  F
GET    /v1/me/licenses                                             -       | U    I     H   D     | 200  200   200   | 200  200  200  | F     200   | 200  F     200  F
GET    /v1/users                                                   -       | U    I     H   D     | 200  F     200   | 200  200  200  | 200   200   | 200  F     200  200
GET    /v1/users/{user}                                            contoso | U    I     H   D     | 200  F     200   | 200  200  200  | 200   N     | N    F     N    200
GET    /v1/users/{user}                                            litware | U    I     H   D     | N    F     N     | N    N    N    | N     N     | N    F     N    N
POST   /v1/users                                                   -       | U    I     H   D     | F    F     F     | 201  F    F    | F     201   | F    F     F    F
PATCH  /v1/users/{user}                                            contoso | U    I     H   D     | F    F     F     | 200  F    F    | F     N     | F    F     F    F
PATCH  /v1/users/{user}                                            litware | U    I     H   D     | F    F     F     | N    F    F    | F     N     | F    F     F    F
DELETE /v1/users/{user}                                            contoso | U    I     H   D     | F    F     F     | 204  F    F    | F     N     | F    F     F    F
DELETE /v1/users/{user}                                            litware | U    I     H   D     | F    F     F     | N    F    F    | F     N     | F    F     F    F

GET    /v1/catalog                                                 -       | U    I     H   D     | 200  200   200   | 200  200  200  | F     200   | 200  F     200  F
POST   /v1/quotes                                                  -       | U    I     H   D     | 201  E     201   | 201  201  201  | F     201   | E    F     E    F
GET    /v1/payment-methods                                         -       | U    I     H   D     | 200  200   200   | 200  200  200  | F     200   | 200  F     200  F
POST   /v1/payment-methods                                         -       | U    I     H   D     | 201  201   201   | 201  201  201  | F     201   | 201  F     201  F
DELETE /v1/payment-methods/{card}                                  contoso | U    I     H   D     | N    N     204   | N    N    N    | F     N     | N    F     N    F
DELETE /v1/payment-methods/{card}                                  litware | U    I     H   D     | N    N     N     | N    N    N    | F     N     | N    F     N    F
POST   /v1/purchases                                               contoso | U    I     H   D     | N    N     202   | N    N    N    | F     N     | N    F     N    F
POST   /v1/purchases                                               litware | U    I     H   D     | N    N     N     | N    N    N    | F     N     | N    F     N    F

GET    /v1/operations                                              -       | U    I     H   D     | 200  200   200   | 200  200  200  | 200   200   | 200  200   200  200
GET    /v1/operations/{op}                                         contoso | U    I     H   D     | N    N     200   | 200  200  200  | 200   N     | 200  200   N    200
GET    /v1/operations/{op}                                         litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | 200  N     N    N
GET    /v1/operations/{op}/events                                  contoso | U    I     H   D     | N    N     200   | 200  200  200  | 200   N     | 200  200   N    200
GET    /v1/operations/{op}/events                                  litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | 200  N     N    N
GET    /v1/operations/{op}/results                                 contoso | U    I     H   D     | N    N     200   | 200  200  200  | 200   N     | 200  200   N    200
GET    /v1/operations/{op}/results                                 litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | 200  N     N    N
POST   /v1/operations/{op}/pause                                   contoso | U    I     H   D     | F    F     F     | S    S    F    | S     N     | F    F     F    F
POST   /v1/operations/{op}/pause                                   litware | U    I     H   D     | F    F     F     | N    N    F    | N     N     | F    F     F    F
POST   /v1/operations/{op}/resume                                  contoso | U    I     H   D     | F    F     F     | S    S    F    | S     N     | F    F     F    F
POST   /v1/operations/{op}/resume                                  litware | U    I     H   D     | F    F     F     | N    N    F    | N     N     | F    N     F    F
POST   /v1/operations/{op}/stop                                    contoso | U    I     H   D     | F    F     F     | S    S    F    | S     N     | F    F     F    F
POST   /v1/operations/{op}/stop                                    litware | U    I     H   D     | F    F     F     | N    N    F    | N     N     | F    F     F    F
POST   /v1/operations/{op}/discard                                 contoso | U    I     H   D     | F    F     F     | F    F    F    | F     F     | S    S     F    F
POST   /v1/operations/{op}/discard                                 litware | U    I     H   D     | F    F     F     | F    F    F    | F     F     | S    N     F    F

GET    /v1/subscriptions                                           -       | U    I     H   D     | 200  200   200   | 200  200  200  | 200   200   | 200  F     200  200
POST   /v1/subscriptions                                           -       | U    I     H   D     | F    F     F     | 201  201  F    | 201   201   | F    F     F    F
GET    /v1/subscriptions/{sub}                                     contoso | U    I     H   D     | N    N     200   | 200  200  200  | 200   N     | N    F     N    200
GET    /v1/subscriptions/{sub}                                     litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | N    F     N    N
GET    /v1/subscriptions/{central}                                 contoso | U    I     H   D     | N    N     N     | 200  200  200  | 200   N     | N    F     N    200
GET    /v1/subscriptions/{central}                                 litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | N    F     N    N
GET    /v1/subscriptions/{sub}/orders                              contoso | U    I     H   D     | N    N     200   | 200  200  200  | 200   N     | N    F     N    200
GET    /v1/subscriptions/{sub}/orders                              litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | N    F     N    N
GET    /v1/subscriptions/{sub}/licenses                            contoso | U    I     H   D     | N    N     200   | 200  200  200  | 200   N     | N    F     N    200
GET    /v1/subscriptions/{sub}/licenses                            litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | N    F     N    N
POST   /v1/subscriptions/{sub}/licenses                            contoso | U    I     H   D     | N    N     200   | T    T    F    | T     N     | N    F     N    F
POST   /v1/subscriptions/{sub}/licenses                            litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | N    F     N    F
POST   /v1/subscriptions/{central}/licenses                        contoso | U    I     H   D     | N    N     N     | 200  200  F    | 200   N     | N    F     N    F
POST   /v1/subscriptions/{central}/licenses                        litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | N    F     N    F
POST   /v1/subscriptions/{sub}/licenses/remove                     contoso | U    I     H   D     | N    N     200   | T    T    F    | T     N     | N    F     N    F
POST   /v1/subscriptions/{sub}/licenses/remove                     litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | N    F     N    F
DELETE /v1/subscriptions/{sub}/licenses/{holder}                   contoso | U    I     H   D     | N    N     204   | T    T    F    | T     N     | N    F     N    F
DELETE /v1/subscriptions/{sub}/licenses/{holder}                   litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | N    F     N    F
POST   /v1/subscriptions/{sub}/move-preview                        contoso | U    I     H   D     | F    F     F     | 200  200  F    | 200   N     | F    F     F    F
POST   /v1/subscriptions/{sub}/move-preview                        litware | U    I     H   D     | F    F     F     | N    N    F    | N     N     | F    F     F    F
POST   /v1/subscriptions/{sub}/move                                contoso | U    I     H   D     | F    F     F     | 202  202  F    | 202   N     | F    F     F    F
POST   /v1/subscriptions/{sub}/move                                litware | U    I     H   D     | F    F     F     | N    N    F    | N     N     | F    F     F    F
POST   /v1/subscriptions/{sub}/cancel                              contoso | U    I     H   D     | N    N     202   | 202  202  F    | 202   N     | N    F     N    202
POST   /v1/subscriptions/{sub}/cancel                              litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | N    F     N    N
POST   /v1/subscriptions/{sub}/cancellation-request                contoso | U    I     H   D     | F    F     F     | 201  201  F    | 201   N     | F    F     F    F
POST   /v1/subscriptions/{sub}/cancellation-request                litware | U    I     H   D     | F    F     F     | N    N    F    | N     N     | F    F     F    F
PUT    /v1/subscriptions/{sub}/seats                               contoso | U    I     H   D     | N    N     202   | T    T    F    | T     N     | N    F     N    F
PUT    /v1/subscriptions/{sub}/seats                               litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | N    F     N    F
PUT    /v1/subscriptions/{central}/seats                           contoso | U    I     H   D     | N    N     N     | 202  202  F    | 202   N     | N    F     N    F
PUT    /v1/subscriptions/{central}/seats                           litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | N    F     N    F
PATCH  /v1/subscriptions/{sub}                                     contoso | U    I     H   D     | N    N     200   | T    T    F    | T     N     | N    F     N    F
PATCH  /v1/subscriptions/{sub}                                     litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | N    F     N    F
PATCH  /v1/subscriptions/{central}                                 contoso | U    I     H   D     | N    N     N     | S    S    F    | S     N     | N    F     N    F
PATCH  /v1/subscriptions/{central}                                 litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | N    F     N    F

GET    /v1/exports/users?subscriptionId={sub}                      contoso | U    I     H   D     | F    F     F     | 200  200  200  | 200   N     | F    F     F    200
GET    /v1/exports/users?subscriptionId={sub}                      litware | U    I     H   D     | F    F     F     | N    N    N    | N     N     | F    F     F    N

GET    /v1/invoices                                                -       | U    I     H   D     | 200  200   200   | 200  200  200  | 200   200   | 200  F     200  200
GET    /v1/invoices/{invoice}                                      contoso | U    I     H   D     | N    N     200   | 200  200  200  | 200   N     | N    F     N    200
GET    /v1/invoices/{invoice}                                      litware | U    I     H   D     | N    N     N     | N    N    N    | N     N     | N    F     N    N
POST   /v1/invoices/{invoice}/pay                                  contoso | U    I     H   D     | N    N     S     | N    N    N    | F     N     | N    F     N    F
POST   /v1/invoices/{invoice}/pay                                  litware | U    I     H   D     | N    N     N     | N    N    N    | F     N     | N    F     N    F

GET    /v1/products?origin=selfService                             -       | U    I     H   D     | F    F     F     | 200  200  200  | 200   200   | F    F     F    200
GET    /v1/products/{product}/purchasers                           contoso | U    I     H   D     | F    F     F     | 200  200  200  | 200   200   | F    F     F    200
GET    /v1/products/{product}/purchasers/{buyer}/users             contoso | U    I     H   D     | F    F     F     | 200  200  200  | 200   N     | F    F     F    200
GET    /v1/products/{product}/purchasers/{buyer}/users             litware | U    I     H   D     | F    F     F     | N    N    N    | N     N     | F    F     F    N
GET    /v1/capacity                                                -       | U    I     H   D     | F    F     F     | 200  200  200  | 200   200   | F    F     F    200
GET    /v1/partner/tenants                                         -       | U    I     H   D     | F    F     F     | F    F    F    | F     200   | F    F     F    F

GET    /v1/policies                                                -       | U    I     H   D     | F    F     F     | 200  200  200  | 200   200   | F    F     F    200
GET    /v1/policies/AllowSelfServicePurchase                       -       | U    I     H   D     | F    F     F     | 200  200  200  | 200   200   | F    F     F    200
GET    /v1/policies/AllowSelfServicePurchase/products              -       | U    I     H   D     | F    F     F     | 200  200  200  | 200   200   | F    F     F    200
GET    /v1/policies/AllowSelfServicePurchase/products/{product}    contoso | U    I     H   D     | F    F     F     | 200  200  200  | 200   200   | F    F     F    200
PUT    /v1/policies/AllowSelfServicePurchase/products/{product}    contoso | U    I     H   D     | F    F     F     | 200  200  F    | F     200   | F    F     F    F
PUT    /v1/policies/AllowSelfServicePurchase/products              -       | U    I     H   D     | F    F     F     | 200  200  F    | F     200   | F    F     F    F
GET    /v1/policies/AllowSelfServicePurchase/default               -       | U    I     H   D     | F    F     F     | 200  200  200  | 200   200   | F    F     F    200
PUT    /v1/policies/AllowSelfServicePurchase/default               -       | U    I     H   D     | F    F     F     | 200  200  F    | F     200   | F    F     F    F
GET    /v1/policies/AllowSelfServicePurchase/file                  -       | U    I     H   D     | F    F     F     | 200  200  200  | 200   200   | F    F     F    200
POST   /v1/policies/AllowSelfServicePurchase/file/diff             -       | U    I     H   D     | F    F     F     | 200  200  200  | 200   200   | F    F     F    200
PUT    /v1/policies/AllowSelfServicePurchase/file                  -       | U    I     H   D     | F    F     F     | 200  200  F    | F     200   | F    F     F    F
GET    /v1/policies/AllowSelfServicePurchase/history               -       | U    I     H   D     | F    F     F     | 200  200  200  | 200   200   | F    F     F    200
POST   /v1/policies/AllowSelfServicePurchase/history/{version}/revert contoso | U    I     H   D     | F    F     F     | 200  200  F    | F     200   | F    F     F    F
GET    /v1/settings/notifications                                  -       | U    I     H   D     | F    F     F     | 200  200  200  | 200   200   | F    F     F    200
PUT    /v1/settings/notifications                                  -       | U    I     H   D     | F    F     F     | 200  200  F    | F     200   | F    F     F    F
GET    /v1/audit                                                   -       | U    I     H   D     | F    F     F     | 200  200  200  | 200   200   | F    F     F    200

GET    /v1/operator/operations                                     -       | U    I     H   D     | F    F     F     | F    F    F    | F     F     | 200  200   F    F
GET    /v1/operator/health                                         -       | U    I     H   D     | F    F     F     | F    F    F    | F     F     | 200  200   F    F
`;

export interface Row {
  method: string;
  path: string;
  thing: ThingTenant;
  /** What each caller is answered: `200`, `403 forbidden`, ... */
  expected: Record<CallerName, string>;
}

const readRow = (line: string): Row => {
  const [method = '', path = '', thing = '', ...cells] = line.split(/[\s|]+/);
  if (cells.length !== CALLERS.length) throw new Error(`a cell is missing or too many: ${line}`);
  const expected = CALLERS.map((caller, column) => [caller, readCell(cells[column] ?? '')] as const);
  return {
    method,
    path,
    thing: thing as ThingTenant,
    expected: Object.fromEntries(expected) as Record<CallerName, string>,
  };
};

const readCell = (cell: string): string => {
  const expected = /^\d{3}$/.test(cell) ? cell : REFUSALS[cell];
  if (expected === undefined) throw new Error(`the table knows no ${cell}`);
  return expected;
};

const [head = '', ...lines] = TABLE.split('\n').filter((line) => line.trim() !== '');
if (
  head
    .split(/[\s|]+/)
    .slice(3)
    .join() !== CALLERS.join()
)
  throw new Error('the head names other callers');

export const ROWS: readonly Row[] = lines.map(readRow);
