/** Room for real databases; Jest has no such setting per project. */
jest.setTimeout(30_000);
