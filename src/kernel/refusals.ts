/** One entry of the catalogue. Codes are permanent: callers and scripts branch on them. */
export interface RefusalEntry {
  /** HTTP status that the doors answer with. */
  readonly status: number;
  /** A few words for a heading. */
  readonly title: string;
  /** What happened, for the person who reads it; `{name}` is replaced from the details. */
  readonly message: string;
  /** What to do now. */
  readonly hint: string;
  /** The form field it belongs beside, where there is one. */
  readonly field?: string;
}

/** Everything this house can refuse, in one place. Names are permanent; sentences say what happened, hints what to do. */
export const REFUSALS = {
  // Things that are not there, or not yours: one answer for both.
  not_found: {
    status: 404,
    title: 'Not found',
    message: 'We could not find that {what}.',
    hint: 'Check the address, or go back to your account.',
  },
  unknown_tenant: {
    status: 404,
    title: 'No such tenant',
    message: 'There is no tenant called “{tenant}”.',
    hint: 'Run “portal tenant list” to see them all.',
  },
  unknown_customer: {
    status: 404,
    title: 'No such customer',
    message: 'There is no customer “{customer}” in {tenant}.',
    hint: 'Run “portal customer list {tenant}” to see them all.',
  },
  unknown_invoice: {
    status: 404,
    title: 'No such invoice',
    message: 'There is no invoice “{invoice}” in {tenant}.',
    hint: 'Run “portal invoice list {tenant}” to see them all.',
  },
  unknown_mail: {
    status: 404,
    title: 'No such mail',
    message: 'There is no mail {mail} in the mailbox of {tenant}.',
    hint: 'Run “portal mail list {tenant}” to see them all.',
  },

  // Input.
  bad_input: {
    status: 422,
    title: 'Please check your entries',
    message: 'Some entries need another look.',
    hint: 'The fields concerned say what is missing.',
  },
  amount_in_steps: {
    status: 422,
    title: 'Not an amount that can be moved',
    message: 'The gateway moves no such amount: the nearest are {lower} and {upper}.',
    hint: 'Choose one of them.',
    field: 'amount',
  },
  bad_amount: {
    status: 422,
    title: 'Not an amount',
    message: '“{value}” is not an amount we can use.',
    hint: 'Write it with digits and a point, for example 1234.50.',
    field: 'amount',
  },
  amount_too_large: {
    status: 422,
    title: 'Too large an amount',
    message: 'The largest amount possible is {most}.',
    hint: 'Check the amounts, or split them into several.',
    field: 'amount',
  },
  account_full: {
    status: 409,
    title: 'More than an account can hold',
    message: 'The invoices, credit notes and credit of a customer can come to {most} each in one currency.',
    hint: 'Check the amount, or go on with another customer record.',
    field: 'amount',
  },
  unknown_currency: {
    status: 422,
    title: 'Unknown currency',
    message: '“{currency}” is not a currency of ISO 4217.',
    hint: 'Use a three-letter code in capitals, for example EUR.',
  },
  bad_date: {
    status: 422,
    title: 'Not a date',
    message: '“{value}” is not a date we can use.',
    hint: 'Write it as year-month-day, for example 2026-11-23.',
  },
  bad_duration: {
    status: 422,
    title: 'Not a duration',
    message: '“{value}” is not a duration we can use.',
    hint: 'Write a number and a unit: 30m, 1h or 7d.',
  },
  bad_page: {
    status: 400,
    title: 'This page address is out of date',
    message: 'The link to that part of the list no longer works.',
    hint: 'Open the list again from the first page.',
  },
  bad_setting: {
    status: 422,
    title: 'Not a valid setting',
    message: '“{value}” does not fit the setting {setting}: {reason}.',
    hint: 'Run “portal settings list {tenant}” to see every setting with its description.',
  },
  unknown_setting: {
    status: 404,
    title: 'No such setting',
    message: 'There is no setting called “{setting}”.',
    hint: 'Run “portal settings list {tenant}” to see every setting with its description.',
  },
  bad_username: {
    status: 422,
    title: 'Not a usable name',
    message: '“{username}” cannot be a tenant’s name.',
    hint: 'Use 2 to 40 lower-case letters, digits and hyphens, beginning with a letter.',
  },
  username_taken: {
    status: 409,
    title: 'Name taken',
    message: 'There is already a tenant called “{username}”.',
    hint: 'Choose another name.',
  },
  number_taken: {
    status: 409,
    title: 'Number taken',
    message: 'There is already {what} number “{number}”.',
    hint: 'Use another number, or leave it out and one is given.',
  },
  bad_time_zone: {
    status: 422,
    title: 'Unknown time zone',
    message: '“{timeZone}” is not a time zone.',
    hint: 'Use an IANA name, for example Europe/Berlin.',
  },
  unknown_method: {
    status: 422,
    title: 'Not a way to pay',
    message: '“{method}” is not a way to pay.',
    hint: 'Name one or more of these: {known}.',
  },
  bad_delay: {
    status: 422,
    title: 'Not a number of days',
    message: '“{value}” is not a number of days that AutoPay can wait.',
    hint: 'Use a whole number from {least} to {most}, or “default” for what holds for every customer.',
  },
  bad_email: {
    status: 422,
    title: 'Not an e-mail address',
    message: '“{email}” does not look like an e-mail address.',
    hint: 'Check it for typing mistakes; it looks like name@company.com.',
    field: 'email',
  },

  // Signing in.
  sign_in_needed: {
    status: 401,
    title: 'Please sign in',
    message: 'You are not signed in, or your session has ended.',
    hint: 'Sign in to go on.',
  },
  choose_account: {
    status: 401,
    title: 'Which account?',
    message: 'Your address belongs to several accounts.',
    hint: 'Choose the one to look at.',
  },
  link_invalid: {
    status: 400,
    title: 'This sign-in link does not work',
    message: 'The link is incomplete or was changed on its way to you.',
    hint: 'Open it again from the message or page it came from, or ask for a new one by e-mail.',
  },
  link_expired: {
    status: 410,
    title: 'This sign-in link has expired',
    message: 'For your safety, sign-in links work only for a short time.',
    hint: 'Ask for a new one by e-mail; it arrives within a minute.',
  },
  link_used: {
    status: 410,
    title: 'This sign-in link was already used',
    message: 'Each link signs in once.',
    hint: 'Ask for a new one by e-mail; it arrives within a minute.',
  },
  link_too_long: {
    status: 400,
    title: 'This sign-in link does not work',
    message: 'The link is valid for longer than {tenant} allows.',
    hint: 'Ask for a new one by e-mail, or contact {tenant}.',
  },
  link_unknown_customer: {
    status: 404,
    title: 'This sign-in link does not work',
    message: 'The account it belongs to is not here.',
    hint: 'Ask for a new one by e-mail, or contact us.',
  },
  code_wrong: {
    status: 422,
    title: 'That code is not right',
    message: 'That code does not match the one in our message.',
    hint: 'Check the newest message and type the six characters again.',
    field: 'code',
  },
  code_spent: {
    status: 410,
    title: 'That code no longer works',
    message: 'There were too many tries, or it was already used.',
    hint: 'Ask for a new message.',
    field: 'code',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many tries',
    message: 'There were too many tries in a short time.',
    hint: 'Wait a few minutes, then try again.',
  },
  not_allowed: {
    status: 403,
    title: 'Not possible with your access',
    message: 'Your access does not include this.',
    hint: 'Ask an owner of the account to do it, or contact us.',
  },

  // Money.
  nothing_to_pay: {
    status: 422,
    title: 'Nothing to pay',
    message: 'None of the invoices you chose has anything left to pay.',
    hint: 'Go back to your invoices and choose open ones.',
  },
  all_paid: {
    status: 422,
    title: 'You are all paid up',
    message: 'Every invoice is paid. Thank you.',
    hint: 'There is nothing to do.',
  },
  nothing_invoiced: {
    status: 422,
    title: 'Nothing to pay yet',
    message: 'Nothing has been invoiced yet.',
    hint: 'When there is an invoice, you can pay it here.',
  },
  invoice_not_payable: {
    status: 409,
    title: 'This invoice cannot be paid',
    message: 'Invoice {number} {reason}.',
    hint: 'Go back to your invoices and choose the ones that are open.',
  },
  invoice_changed: {
    status: 409,
    title: 'Something changed meanwhile',
    message: 'Invoice {number} is now {now}; it was {before} when you opened this page.',
    hint: 'Check the new amount below, then pay.',
  },
  mixed_currencies: {
    status: 422,
    title: 'Two currencies',
    message: 'One payment can only be in one currency.',
    hint: 'Pay the invoices of each currency separately.',
  },
  too_many_invoices: {
    status: 422,
    title: 'Too many at once',
    message: 'One payment covers at most {most} invoices.',
    hint: 'Choose fewer, then pay the rest with a second payment.',
  },
  payment_in_progress: {
    status: 409,
    title: 'A payment is already on its way',
    message: 'A payment for {number} has started and is not finished yet.',
    hint: 'Wait a moment, then look at it again. You will not be charged twice.',
  },
  form_reused: {
    status: 409,
    title: 'This form was already used',
    message: 'This payment form was sent before with other details.',
    hint: 'Open the payment page again to start a new payment.',
  },
  key_reused: {
    status: 409,
    title: 'This key was already used',
    message: 'Something else was ordered before with the key “{key}”.',
    hint: 'Use another key, or order exactly the same again to see what it did.',
  },
  partial_not_allowed: {
    status: 422,
    title: 'Only the whole amount',
    message: 'Invoice {number} can only be paid as a whole.',
    hint: 'Pay all that is left of it.',
    field: 'amount',
  },
  part_too_small: {
    status: 422,
    title: 'Too little',
    message: 'The least that can be paid of invoice {number} is {least}.',
    hint: 'Enter at least that, or all that is left.',
    field: 'amount',
  },
  overpayment: {
    status: 422,
    title: 'More than is open',
    message: 'Only {left} is left to pay of invoice {number}.',
    hint: 'Enter that amount or less.',
    field: 'amount',
  },
  advance_not_allowed: {
    status: 403,
    title: 'Not possible here',
    message: 'Payments in advance are not offered here.',
    hint: 'Pay an open invoice, or contact us.',
  },
  method_not_offered: {
    status: 422,
    title: 'Another way to pay, please',
    message: 'This way to pay is not offered for what you chose.',
    hint: 'Choose one of the ways shown.',
  },
  below_minimum: {
    status: 422,
    title: 'Too little for this way to pay',
    message: 'This way to pay takes {minimum} or more.',
    hint: 'Choose another way to pay, or pay more at once.',
  },
  above_maximum: {
    status: 422,
    title: 'Too much for this way to pay',
    message: 'This way to pay takes at most {maximum}.',
    hint: 'Choose another way to pay, or pay in parts.',
  },
  name_too_long: {
    status: 422,
    title: 'Too long a name',
    message: 'A name has at most {most} characters.',
    hint: 'Choose a shorter one.',
    field: 'label',
  },
  total_not_seen: {
    status: 409,
    title: 'Please check the total',
    message: 'This payment comes to {total}{fee}. Nothing has been charged yet.',
    hint: 'Check it below, then pay.',
  },
  gateway_silent: {
    status: 502,
    title: 'The payment service did not answer',
    message: 'We could not reach the payment service, so nothing was changed.',
    hint: 'Try again in a minute. Nothing is kept or charged twice.',
  },
  method_not_usable: {
    status: 409,
    title: 'Not ready yet',
    message: 'This payment method {reason}.',
    hint: 'Choose another one, or add a new one.',
  },
  bad_webhook: {
    status: 400,
    title: 'Not a webhook of ours',
    message: 'The webhook was not accepted: {reason}.',
    hint: 'Check the address and the signing secret at the gateway.',
  },
  estimate_not_open: {
    status: 409,
    title: 'This estimate cannot be answered',
    message: 'Estimate {number} {reason}.',
    hint: 'Contact us if you would like a new one.',
  },
  estimate_changed: {
    status: 409,
    title: 'Something changed meanwhile',
    message: 'Estimate {number} or its terms are not as you saw them any more.',
    hint: 'Read them again below, then answer.',
  },
  estimate_not_invoiceable: {
    status: 409,
    title: 'This estimate cannot be invoiced',
    message: 'Estimate {number} {reason}.',
    hint: 'Look at it with “portal estimate show”.',
  },
  deposit_needed: {
    status: 422,
    title: 'The deposit belongs to the approval',
    message: 'Approving estimate {number} takes a deposit of {deposit}.',
    hint: 'Pay the deposit, or the whole amount, with the approval.',
  },
  credit_changed: {
    status: 409,
    title: 'Something changed meanwhile',
    message: 'What your credit would pay is not as you saw it any more.',
    hint: 'Check the amounts below, then go on.',
  },
  credit_not_in_portal: {
    status: 403,
    title: 'Not possible here',
    message: 'Credit is put against invoices by us.',
    hint: 'Contact us and say which invoice it should pay.',
  },
  no_credit: {
    status: 409,
    title: 'Nothing to use',
    message: 'There is no credit that could pay these invoices.',
    hint: 'Go back to your invoices.',
  },
  credit_not_enough: {
    status: 409,
    title: 'Not enough credit',
    message: 'Only {left} of credit is left.',
    hint: 'Use that much or less.',
  },
  bad_promise_date: {
    status: 422,
    title: 'Another day, please',
    message: 'The day must be today or later, and within a year.',
    hint: 'Choose the day on which the money will arrive.',
    field: 'date',
  },
  not_refundable: {
    status: 409,
    title: 'Cannot be refunded',
    message: 'Payment {number} {reason}.',
    hint: 'Look at it with “portal payment show”.',
  },
  not_voidable: {
    status: 409,
    title: 'Cannot be voided',
    message: '{what} {reason}.',
    hint: 'Take back what was paid first.',
  },
  plan_not_matching: {
    status: 422,
    title: 'The instalments do not add up',
    message: 'The instalments come to {planned}, but {balance} is open on invoice {number}.',
    hint: 'Change the instalments so that they add up to the balance.',
  },
  plan_not_possible: {
    status: 409,
    title: 'No payment plan here',
    message: 'Invoice {number} {reason}.',
    hint: 'Look at it with “portal invoice show”.',
  },
  plan_changed: {
    status: 409,
    title: 'Something changed meanwhile',
    message: 'The payment schedule is not as you saw it any more.',
    hint: 'Check the dates and amounts below, then agree.',
  },
  no_plan: {
    status: 404,
    title: 'No payment plan',
    message: 'Invoice {number} has no payment plan.',
    hint: 'Attach one with “portal plan attach”.',
  },
  autopay_above_limit: {
    status: 409,
    title: 'More than AutoPay may take',
    message: '{amount} for invoice {number} is more than the {limit} that AutoPay may take on one day.',
    hint: 'Raise the setting autopay.daily_limit and release it, or have it paid by hand.',
  },
  autopay_day_full: {
    status: 409,
    title: 'Enough for today',
    message: 'AutoPay may take {limit} from a customer on one day; the rest waits for tomorrow.',
    hint: 'It goes on by itself.',
  },
  autopay_too_often: {
    status: 409,
    title: 'Tried too often',
    message: 'AutoPay has tried invoice {number} {most} times.',
    hint: 'Have it paid by hand.',
  },
  autopay_collects: {
    status: 409,
    title: 'AutoPay would collect this',
    message: 'AutoPay collects invoice {number} on {date}.',
    hint: 'Say that you pay it yourself, or leave it to AutoPay.',
  },
  autopay_not_offered: {
    status: 403,
    title: 'Not possible here',
    message: 'AutoPay is turned on by us.',
    hint: 'Contact us if you would like it.',
  },
  not_yet: {
    status: 422,
    title: 'Not yet',
    message: '{date} has not come yet in {tenant}, so nothing can be collected for it.',
    hint: 'Add --dry-run to see what will be, or move a test tenant’s time with “portal clock”.',
  },
  nothing_parked: {
    status: 404,
    title: 'Nothing is parked',
    message: 'Nothing of invoice {number} is parked.',
    hint: 'Run “portal autopay parked” to see what is.',
  },
  live_clock: {
    status: 409,
    title: 'A live tenant’s time is real',
    message: '{tenant} is live, and only the time of test tenants can be moved.',
    hint: 'Make a test tenant with “portal tenant create”.',
  },
  unknown_estimate: {
    status: 404,
    title: 'No such estimate',
    message: 'There is no estimate “{estimate}” in {tenant}.',
    hint: 'Run “portal estimate list {tenant}” to see them all.',
  },
  unknown_credit_note: {
    status: 404,
    title: 'No such credit note',
    message: 'There is no credit note “{creditNote}” in {tenant}.',
    hint: 'Run “portal credit-note list {tenant}” to see them all.',
  },
  unknown_payment: {
    status: 404,
    title: 'No such payment',
    message: 'There is no payment “{payment}” in {tenant}.',
    hint: 'Run “portal payment list {tenant}” to see them all.',
  },
  ledger_unbalanced: {
    status: 500,
    title: 'The books would not balance',
    message: 'This would leave the ledger out of balance, so nothing was written.',
    hint: 'Please report this: it is a mistake in the portal.',
  },
  allocation_impossible: {
    status: 409,
    title: 'More than there is',
    message: 'That is more than is left on {what}.',
    hint: 'Use a smaller amount.',
  },
  test_gateway_live: {
    status: 409,
    title: 'No card payments here yet',
    message: 'The test gateway takes no real money, and this business is live.',
    hint: 'Contact us for another way to pay.',
  },
  gateway_not_connected: {
    status: 409,
    title: 'No online payments here yet',
    message: '{tenant} is not connected to {gateway}.',
    hint: 'Run “portal gateway connect {tenant} {gateway}” with its keys.',
  },
  bad_gateway_keys: {
    status: 422,
    title: 'Not the keys of a gateway',
    message: 'These keys cannot be used: {reason}.',
    hint: 'Copy them again from the gateway’s dashboard, one a line: secret_key=…, publishable_key=…, webhook_secret=….',
  },
  gateway_in_use: {
    status: 409,
    title: 'Still in use',
    message: '{gateway} still has {count} payments, refunds or new payment methods to answer for.',
    hint: 'Set payments.gateway to none, and try again when they are settled.',
  },
  gateway_keys_mode: {
    status: 409,
    title: 'Keys of the other mode',
    message: '{tenant} is a {mode} tenant, and these are {keys} keys.',
    hint: 'Test keys are for test tenants, live keys for live ones.',
  },
  no_gateway: {
    status: 409,
    title: 'No online payments here yet',
    message: 'This business takes no online payments yet.',
    hint: 'Contact us for another way to pay.',
  },

  // Importing and documents.
  file_unreadable: {
    status: 422,
    title: 'The file cannot be read',
    message: '{path} cannot be read: {reason}.',
    hint: 'Check the name and whether you may read it.',
  },
  import_refused: {
    status: 422,
    title: 'Nothing was imported',
    message: '{count} problems were found, so nothing was imported.',
    hint: 'Correct them, or run again with --skip-bad to import the good rows.',
  },

  // Running the house.
  bad_config: {
    status: 500,
    title: 'The configuration is not usable',
    message: '{name}: {reason}.',
    hint: 'Correct the environment variable and start again.',
  },
  database_unusable: {
    status: 500,
    title: 'The database is not usable',
    message: '{reason}.',
    hint: '{todo}',
  },
  bad_backup: {
    status: 422,
    title: 'Not a usable backup',
    message: '{path} cannot be restored: {reason}.',
    hint: 'Name a file that “portal db backup” made for the same kind of database.',
  },
  not_built: {
    status: 500,
    title: 'The pages are not built',
    message: 'The pages of the portal are not built yet.',
    hint: 'Run “npm run build” once, then try again.',
  },
  not_a_demo: {
    status: 409,
    title: 'Not a demo',
    message: '{path} was not made by “portal demo”, so nothing in it was deleted.',
    hint: 'Set PORTAL_DATA to another folder, or delete that one yourself.',
  },
  port_taken: {
    status: 409,
    title: 'Port taken',
    message: 'Port {port} on {host} is in use by another program.',
    hint: 'Stop that program, or choose another port with PORTAL_PORT or --port.',
  },
  would_overwrite: {
    status: 409,
    title: 'There is something there already',
    message: '{path} exists already.',
    hint: 'Choose another place, or add --force to replace it.',
  },
  sending_failed: {
    status: 502,
    title: 'The message could not be sent',
    message: 'The mail service answered: {reason}.',
    hint: 'It is tried again by itself.',
  },
} as const satisfies Record<string, RefusalEntry>;
