// The one client of the gateway, and what happens when it no longer knows us; endpoints are in api.ts.
import { createClient } from "@kit/client";
import { currentLocale } from "./i18n";

let leave: () => void = () => {};

/** Say what happens when the gateway no longer knows us. */
export function onSignedOut(handler: () => void): void {
  leave = handler;
}

export const client = createClient({ locale: currentLocale, onUnauthenticated: () => leave() });

/** One part of a path. */
export const part = encodeURIComponent;
