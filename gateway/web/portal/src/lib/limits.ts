/** Lengths the gateway accepts; longer input is refused there with 422. */
export const NAME_MAX = 50
export const NOTE_MAX = 500
/** Days one may wait for at once; whoever waits longer joins again. */
export const WAIT_DAYS_MAX = 93
