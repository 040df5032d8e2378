// What the board does under somebody's hand: shows a change at once, tells of it, and can take it back.
import type { Calendar, CalendarEntry } from "@kit/scheduling";
import type { Calendar as Board } from "@event-calendar/core";
import { entryOf, mayLandOn, moveMeant, resizeMeant, selectionMeant, type Rearrangement, type Selection } from "./dragging";

export interface BoardHost {
  board: () => Board | null;
  calendar: () => Calendar;
  /** Draw what the data says. */
  restore: () => void;
  /** The hand is off: what was fetched meanwhile may be drawn. */
  released: () => void;
  rearrange: (change: Rearrangement, snapBack: () => void) => void;
  select: (selection: Selection) => void;
}

export function useBoardDrag(host: BoardHost): {
  options: Board.Options;
  isDragging: () => boolean;
  /** New data is here: where it differs from what was dropped, it counts. */
  settle: () => void;
} {
  let dragging = false;
  let moved = false; // what is drawn is not what the data says
  const zone = (): string => host.calendar().timezone;

  function snapBack(): void {
    moved = false;
    host.restore();
  }

  function tell(change: Rearrangement | null): void {
    if (!change) return snapBack();
    moved = true;
    host.rearrange(change, snapBack);
  }

  /** The booking's other resources go along: shown before the answer is here. */
  function carryOthers(entry: CalendarEntry, ms: number): void {
    if (!ms || !entry.booking_id) return;
    for (const other of host.calendar().entries) {
      const event = other.booking_id === entry.booking_id && other.id !== entry.id && host.board()?.getEventById(other.id);
      if (!event) continue;
      const at = (time: Date): Date => new Date(time.getTime() + ms);
      host.board()?.updateEvent({ ...event, start: at(event.start), end: at(event.end) });
    }
  }

  function hold(): void {
    dragging = true;
  }

  function release(): void {
    dragging = false;
    setTimeout(host.released); // after the drop itself has been told
  }

  const options: Board.Options = {
    dragConstraint: ({ event, newResource }) => {
      const entry = entryOf(event);
      return !entry || !newResource || mayLandOn(entry, String(newResource.id), host.calendar().resources);
    },
    selectConstraint: ({ resource }) => !String(resource?.id ?? "group:").startsWith("group:"),
    eventDragStart: hold,
    eventResizeStart: hold,
    eventDragStop: release,
    eventResizeStop: release,
    eventDrop: (info) => {
      const change = moveMeant(info, zone());
      if (change) carryOthers(change.entry, info.event.start.getTime() - info.oldEvent.start.getTime());
      tell(change);
    },
    eventResize: (info) => tell(resizeMeant(info, zone())),
    select: (info) => {
      host.board()?.unselect();
      const selection = selectionMeant(info, zone());
      if (selection) host.select(selection);
    },
  };

  function settle(): void {
    if (moved && !dragging) snapBack();
  }

  return { options, isDragging: () => dragging, settle };
}
