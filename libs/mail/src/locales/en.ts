/** English: the language every other locale falls back to, and the list of keys they must have. [MSG-2] */
export const en = {
  layout: {
    greeting: 'Hello {{name}},',
    support:
      'Need help? As the purchaser you have standard support for this product. Your organization’s premier support incidents are not used for it.',
    sentBy: 'Sent by Commissary because of a change to software in your organization. Replies are not read.',
    reference: 'Reference: {{reference}}',
  },
  facts: {
    product: 'Product',
    seats: 'Seats',
    inUse: 'Seats in use',
    unitPrice: 'Price per seat',
    total: 'Total before tax',
    card: 'Card',
    cardEnding: '{{brand}} ending in {{last4}}',
    renewsOn: 'Renews on',
    endsOn: 'Ends on',
    order: 'Order',
    invoice: 'Invoice',
    subscription: 'Subscription',
    purchaser: 'Purchaser',
    status: 'Status',
    deleted: 'Deleted',
    refund: 'Refund',
    noRefund: 'None',
    moved: 'Moved',
    alreadyLicensed: 'Already licensed',
    skipped: 'Skipped',
    failed: 'Not moved',
    operation: 'Operation',
    oldPrice: 'Price until then',
    newPrice: 'Price from then on',
    totalNext: 'Total of the next term',
    tryAgainOn: 'Tried again on',
    seatsBefore: 'Seats before',
    seatsAfter: 'Seats after',
    changesOn: 'Changes on',
    charged: 'Charged',
    seatCount_one: '{{seats}} seat ({{subscription}})',
    seatCount_other: '{{seats}} seats ({{subscription}})',
  },
  prices: {
    P1M: '{{price}} per month',
    P1Y: '{{price}} per year',
  },
  actions: {
    seeSubscription: 'See the subscription',
    seeInvoice: 'See the invoice',
    seeLicenses: 'See my licenses',
    seeResults: 'See the result per user',
    learn: 'Learn to use {{product}}',
    payInvoice: 'See and pay the bill',
    seeSubscriptions: 'See all subscriptions',
  },
  receipt: {
    subject: 'Your receipt for {{product}}',
    heading: 'Thank you for your purchase',
    bought_one: 'You bought {{seats}} seat of {{product}}. It is ready to use now.',
    bought_other: 'You bought {{seats}} seats of {{product}}. They are ready to use now.',
    charged: '{{total}} was charged to your {{brand}} card ending in {{last4}}.',
    notCharged: 'Nothing was charged.',
    renews: 'It renews on {{date}}, on the same card, until you turn recurring billing off.',
    ends: 'It ends on {{date}} and does not renew.',
    assignRest: 'Next, assign the seats you do not use yourself to your colleagues.',
    cancelWithin: 'Changed your mind? Cancel within 7 days and what is left of the term is refunded.',
    trialSubject: 'Your trial of {{product}} has started',
    trialHeading: 'Your trial has started',
    trialStarted_one: 'You have {{seats}} seat of {{product}} to try. It is ready to use now.',
    trialStarted_other: 'You have {{seats}} seats of {{product}} to try. They are ready to use now.',
  },
  purchaseAlert: {
    subject: '{{purchaser}} bought {{product}}',
    heading: 'A purchase in your organization',
    bought_one: '{{purchaser}} ({{email}}) bought {{seats}} seat of {{product}} by self-service purchase.',
    bought_other: '{{purchaser}} ({{email}}) bought {{seats}} seats of {{product}} by self-service purchase.',
    price: 'It cost {{total}} before tax, paid with the purchaser’s own payment card.',
    trialSubject: '{{purchaser}} started a trial of {{product}}',
    trialHeading: 'A trial in your organization',
    trialStarted_one: '{{purchaser}} ({{email}}) started a trial of {{product}} with {{seats}} seat.',
    trialStarted_other: '{{purchaser}} ({{email}}) started a trial of {{product}} with {{seats}} seats.',
    trialPrice: 'It costs nothing and does not renew.',
    takeOver:
      'You do not have to do anything. You will find it in your list of subscriptions, and can take it over at any time: move its users to another subscription, or cancel it.',
    policy:
      'To decide who may buy this product from now on, change its value of the policy AllowSelfServicePurchase.',
  },
  purchaseDigest: {
    subject_one: '{{purchases}} purchase in your organization on {{date}}',
    subject_other: '{{purchases}} purchases in your organization on {{date}}',
    heading: 'Purchases in your organization',
    bought_one: 'On {{date}}, {{purchases}} purchase was made in your organization by self-service.',
    bought_other: 'On {{date}}, {{purchases}} purchases were made in your organization by self-service.',
    row_one: '{{seats}} seat for {{price}}, by {{purchaser}} ({{email}})',
    row_other: '{{seats}} seats for {{price}}, by {{purchaser}} ({{email}})',
    trialRow_one: 'Trial of {{seats}} seat, by {{purchaser}} ({{email}})',
    trialRow_other: 'Trial of {{seats}} seats, by {{purchaser}} ({{email}})',
    more_one: 'And {{purchases}} more purchase.',
    more_other: 'And {{purchases}} more purchases.',
    takeOver:
      'You do not have to do anything. You will find them in your list of subscriptions, and can take each of them over at any time: move its users to another subscription, or cancel it.',
    policy:
      'To decide who may buy a product from now on, change its value of the policy AllowSelfServicePurchase.',
    setting:
      'Your organization has chosen one mail a day; an admin can change that to one for each purchase.',
  },
  cardDeclined: {
    subject: 'Your card was declined for {{product}}',
    heading: 'Your card was declined',
    notPlaced_one:
      'Your order of {{seats}} seat of {{product}} for {{total}} was not completed, so nothing was bought and you pay nothing.',
    notPlaced_other:
      'Your order of {{seats}} seats of {{product}} for {{total}} was not completed, so nothing was bought and you pay nothing.',
    card_declined: 'The bank that issued your card declined the charge. It does not tell us why.',
    insufficient_funds: 'There was not enough money or credit on the card.',
    card_expired: 'The card has expired.',
    authentication_required:
      'The bank that issued your card wants the payment confirmed, which is not possible yet.',
    otherReason: 'The charge could not be made.',
    next: 'Next, add another card and place the order again, or ask the bank that issued your card.',
    renewalSubject: 'Your renewal of {{product}} could not be charged',
    renewalHeading: 'Your renewal is not paid',
    notRenewed_one: 'The renewal of your {{seats}} seat of {{product}} for {{total}} could not be charged.',
    notRenewed_other:
      'The renewal of your {{seats}} seats of {{product}} for {{total}} could not be charged.',
    tryAgain: 'Your card is tried again on {{date}}. You can pay the bill with another card before then.',
    noMoreTries: 'Your card is not tried again. Next, pay the bill with another card.',
    ifUnpaid: 'If it stays unpaid, its users lose access and the subscription ends.',
  },
  renewalReminder: {
    subject: 'Your subscription of {{product}} renews on {{date}}',
    heading: 'Your subscription renews soon',
    renews_one: 'Your subscription of {{product}} with {{seats}} seat renews on {{date}}.',
    renews_other: 'Your subscription of {{product}} with {{seats}} seats renews on {{date}}.',
    charged: '{{total}} will be charged to your {{brand}} card ending in {{last4}}.',
    noCard: 'It has no card that {{total}} could be charged to: add one before that day to keep it.',
    keep: 'If you want to keep it, you do not have to do anything.',
    change: 'To change that, turn recurring billing off or ask for fewer seats before that day.',
    riseSubject: 'The price of {{product}} rises on {{date}}',
    riseHeading: 'The price rises at your next renewal',
    rise: 'From that day on a seat costs {{price}}. Until then it costs {{oldPrice}}.',
  },
  trialEnding: {
    subject: 'Your trial of {{product}} ends on {{date}}',
    heading: 'Your trial ends soon',
    ends: 'Your trial of {{product}} ends on {{date}}. It does not renew, and nothing is charged.',
    buy: 'Do you want to keep using it? Buy it before that day, if your organization allows it.',
    data: 'What you made with it belongs to your organization.',
  },
  seatsChanged: {
    subject_one: 'Your subscription of {{product}} has {{seats}} seat now',
    subject_other: 'Your subscription of {{product}} has {{seats}} seats now',
    laterSubject_one: 'Your subscription of {{product}} will have {{seats}} seat',
    laterSubject_other: 'Your subscription of {{product}} will have {{seats}} seats',
    heading: 'The number of seats has changed',
    laterHeading: 'The number of seats will change',
    now_one: 'Your subscription of {{product}} has {{seats}} seat now. Before, it had {{before}}.',
    now_other: 'Your subscription of {{product}} has {{seats}} seats now. Before, it had {{before}}.',
    later_one:
      'Your subscription of {{product}} will have {{seats}} seat from its renewal on {{date}} on. Until then it has {{before}}.',
    later_other:
      'Your subscription of {{product}} will have {{seats}} seats from its renewal on {{date}} on. Until then it has {{before}}.',
    charged: '{{amount}} was charged to your card for the rest of the term.',
    refunded: '{{amount}} is on its way back to the card that paid.',
    notCharged: 'Nothing was charged and nothing is refunded.',
    assign: 'Next, assign the new seats to your colleagues.',
  },
  purchaserLeft: {
    subject_one: '{{purchaser}} has left and was the purchaser of {{subscriptions}} subscription',
    subject_other: '{{purchaser}} has left and was the purchaser of {{subscriptions}} subscriptions',
    heading: 'A purchaser has left your organization',
    disabledSubject_one: '{{purchaser}} is disabled and was the purchaser of {{subscriptions}} subscription',
    disabledSubject_other:
      '{{purchaser}} is disabled and was the purchaser of {{subscriptions}} subscriptions',
    disabledHeading: 'The account of a purchaser is disabled',
    disabled_one:
      '{{purchaser}} ({{email}}) can no longer sign in and was the purchaser of {{subscriptions}} subscription.',
    disabled_other:
      '{{purchaser}} ({{email}}) can no longer sign in and was the purchaser of {{subscriptions}} subscriptions.',
    left_one:
      '{{purchaser}} ({{email}}) is no longer in your organization and was the purchaser of {{subscriptions}} subscription.',
    left_other:
      '{{purchaser}} ({{email}}) is no longer in your organization and was the purchaser of {{subscriptions}} subscriptions.',
    stays:
      'Nothing changes for the users: they keep full use. What was bought belongs to your organization and stays active until it is canceled or the purchaser’s card can no longer be charged.',
    takeOver:
      'Next, take over what you want to keep: move its users to another subscription. Cancel what nobody needs.',
    more_one: 'And {{subscriptions}} more subscription.',
    more_other: 'And {{subscriptions}} more subscriptions.',
  },
  licenseAssigned: {
    subject: 'You have a license for {{product}}',
    heading: 'You have a new license',
    assigned: '{{assignedBy}} assigned you a license for {{product}}.',
    free: 'You can use it now. It costs you nothing.',
    questions: 'Questions about it? Ask {{assignedBy}} or your IT admin.',
  },
  canceled: {
    subject: 'Your subscription of {{product}} was canceled',
    heading: 'Your subscription was canceled',
    canceledByAdmin_one:
      'An admin of your organization canceled your subscription of {{product}} with {{seats}} seat. Its users no longer have access.',
    canceledByAdmin_other:
      'An admin of your organization canceled your subscription of {{product}} with {{seats}} seats. Its users no longer have access.',
    canceledByPurchaser_one:
      'You canceled your subscription of {{product}} with {{seats}} seat. Its users no longer have access.',
    canceledByPurchaser_other:
      'You canceled your subscription of {{product}} with {{seats}} seats. Its users no longer have access.',
    canceledBySupport_one:
      'Support canceled your subscription of {{product}} with {{seats}} seat, as an admin of your organization asked. Its users no longer have access.',
    canceledBySupport_other:
      'Support canceled your subscription of {{product}} with {{seats}} seats, as an admin of your organization asked. Its users no longer have access.',
    moved_one:
      'An admin of your organization took over your subscription of {{product}} with {{seats}} seat and moved its users to another subscription, so they keep their licenses there. Yours was then canceled.',
    moved_other:
      'An admin of your organization took over your subscription of {{product}} with {{seats}} seats and moved its users to another subscription, so they keep their licenses there. Yours was then canceled.',
    endedSubject: 'Your subscription of {{product}} has ended',
    endedHeading: 'Your subscription has ended',
    unpaid_one:
      'Your subscription of {{product}} with {{seats}} seat was not renewed in time and has ended. Its users no longer have access.',
    unpaid_other:
      'Your subscription of {{product}} with {{seats}} seats was not renewed in time and has ended. Its users no longer have access.',
    billing: 'Recurring billing has stopped: it is not charged again.',
    refunded: '{{amount}} is on its way back to the card that paid.',
    notRefunded: 'There is no refund.',
    contact: 'Questions? Contact your IT admin.',
    contactSelf: 'Need it again? You can buy it again at any time your organization allows it.',
  },
  accessRemoved: {
    subject: 'You no longer have access to {{product}}',
    heading: 'Your access has ended',
    removed: 'The subscription that gave you {{product}} was canceled, so your license for it is gone.',
    free: 'This costs you nothing.',
    data: 'What you made with it belongs to your organization.',
    contact: 'Do you still need {{product}}? Contact your IT admin, who can give you another license.',
  },
  moveCompleted: {
    subject: 'Move completed: {{product}}',
    heading: 'Move completed',
    moved_one:
      '{{users}} user of the self-service subscription of {{product}} now has a license for {{target}}.',
    moved_other:
      '{{users}} users of the self-service subscription of {{product}} now have a license for {{target}}.',
    closed:
      'The old subscription was canceled automatically. Its status is Deleted and it is not charged again.',
    purchaserTold: 'Its purchaser is told. You do not have to do anything else.',
    partialSubject: 'Move not completed: {{product}}',
    partialHeading: 'Move not completed',
    notMoved_one:
      '{{users}} user could not be moved and keeps the old license. The old subscription stays as it was.',
    notMoved_other:
      '{{users}} users could not be moved and keep the old license. The old subscription stays as it was.',
    retry: 'Next, look at the result per user and ask for the move again.',
  },
  pleaseCancel: {
    subject: 'Please cancel your subscription of {{product}}',
    heading: 'You are asked to cancel',
    asks_one:
      '{{admin}} asks you, for your organization, to cancel your self-service subscription of {{product}} with {{seats}} seat.',
    asks_other:
      '{{admin}} asks you, for your organization, to cancel your self-service subscription of {{product}} with {{seats}} seats.',
    nothingYet: 'Nothing has changed yet.',
    writes: '{{admin}} writes:',
    how: 'Next, open the subscription and cancel it. Within 7 days of its start or last renewal it ends at once, and what is left of the term is refunded; later, recurring billing is turned off and it runs to its end.',
    users:
      'If others use its seats, ask your admin first whether they have another license already: who has none loses access when it ends.',
    questions: 'Questions? Contact {{admin}} or your IT admin.',
  },
};
