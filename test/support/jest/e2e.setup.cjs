/** Room for whole processes that are started, killed and awaited; Jest has no such setting per project. */
jest.setTimeout(120_000);
