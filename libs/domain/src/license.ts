/** What became of each user of a batch that assigns licenses. [OWN-3, ADM-6] */
export const ASSIGN_OUTCOMES = [
  'assigned',
  'switched',
  'alreadyLicensed',
  'noSuchUser',
  'noFreeSeat',
  'guestNotAllowed',
  'userInactive',
] as const;
export type AssignOutcome = (typeof ASSIGN_OUTCOMES)[number];

/** What became of each user of a batch that removes licenses. [OWN-3] */
export const REMOVE_OUTCOMES = ['removed', 'notLicensed'] as const;
export type RemoveOutcome = (typeof REMOVE_OUTCOMES)[number];
