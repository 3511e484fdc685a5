/**
 * Every action that the audit trail knows (`noun.verb`), and what kind of thing its entries are about. A new action is added here,
 * and then in invariant 13 (`libs/audit/src/invariants/13-audit-trail.ts`), which does not compile without it. [ADM-9]
 */
export const AUDIT_ACTIONS = {
  'operation.accepted': ['operation'],
  'operation.paused': ['operation'],
  'operation.resumed': ['operation'],
  'operation.stopped': ['operation'],
  'operation.discarded': ['operation'],
  'quote.created': ['quote'],
  'purchase.declined': ['order'],
  // A purchase's is about its order, a central one's about the subscription itself.
  'subscription.created': ['order', 'subscription'],
  'subscription.changed': ['subscription'],
  'subscription.renewed': ['subscription'],
  'subscription.renewalTurnedOff': ['subscription'],
  'subscription.expired': ['subscription'],
  'subscription.disabled': ['subscription'],
  'subscription.canceled': ['subscription'],
  'renewal.failed': ['subscription'],
  'seats.changed': ['subscription'],
  'seats.declined': ['subscription'],
  'cancellation.requested': ['subscription'],
  'license.assigned': ['subscription'],
  'license.removed': ['subscription'],
  'users.exported': ['subscription'],
  'paymentMethod.added': ['paymentMethod'],
  'paymentMethod.removed': ['paymentMethod'],
  'policy.set': ['policy'],
  'settings.set': ['tenant'],
  'user.created': ['user'],
  'user.stateSet': ['user'],
  'user.deleted': ['user'],
} as const;

export type AuditAction = keyof typeof AUDIT_ACTIONS;

/** The kinds of thing that an action's entries are about. */
export type AuditSubject<A extends AuditAction = AuditAction> = (typeof AUDIT_ACTIONS)[A][number];

/** The actions whose entries are about things of a kind. */
export type AuditActionAbout<S extends AuditSubject> = {
  [A in AuditAction]: S extends AuditSubject<A> ? A : never;
}[AuditAction];
