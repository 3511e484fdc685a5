import { HttpError } from '../http/json-server.js';
import type { ProviderErrorCode } from './contract.js';

/** An error of the contract. */
export const providerError = (status: number, code: ProviderErrorCode, message: string): HttpError =>
  new HttpError(status, code, message);
