import type deskZh from "./deskZh";

const deskEn: typeof deskZh = {
  payout: {
    title: "Owed by the studio",
    owed: "Still owed",
    settled: "All of it is paid",
    pay: "Pay out",
    payAmount: "Pay {amount}",
    paid: "The payout is noted.",
    hint: "The other half of returning earnest money twice: pay it to the customer, then note it here.",
    aboveDebt: "More than the {amount} that is owed.",
  },
  reconciliation: {
    title: "Providers' statements",
    hint: "Each morning the statement of the day before is compared with our books.",
    empty: "Nothing has been compared yet.",
    agrees: "{count} agree",
    differs: "{count} differ",
    waiting: "Not there yet, asked for again {at}",
    given: "The statement never came",
    differing: "Another amount",
    missingHere: "Theirs alone",
    missingThere: "Ours alone",
    repeated: "Twice in theirs",
    payment: "Payment",
    refund: "Refund",
    theirs: "theirs {amount}",
  },
};

export default deskEn;
