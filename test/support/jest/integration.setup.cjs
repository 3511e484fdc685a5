/** Room for real databases; Jest has no such setting per project. Only what hangs should meet it, on a busy machine too. */
jest.setTimeout(90_000);
