/** Something the person at the keyboard can mend; the message is one sentence that says what to do. */
export class StackError extends Error {}
