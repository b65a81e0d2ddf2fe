/* What goes on in a Jitsi meeting beside sound and picture, from the frame's events: hands in the order of raising, who
 * knocks, breakout rooms, a recording, and whether the meeting takes this person for a moderator.
 *
 *   const stage = openStage(on);
 *   stage.watch(hear);              // hear(name, listener): the listeners of a frame that was just built
 *   stage.entered(joinedEvent); stage.gone();
 *   stage.isUp()                    // whether our own hand is up
 *   stage.answered(id)              // somebody who knocked was answered by us
 */

export function openStage(on) {
  let own = null;
  let ownName = "";
  const names = new Map();
  const hands = new Map(); // id → when it was raised
  const knocking = new Map(); // id → name

  function tellHands() {
    const raised = [...hands].sort(([, first], [, second]) => first - second);
    on.hands(raised.map(([id]) => ({ id, name: id === own ? ownName : (names.get(id) ?? ""), mine: id === own })));
  }

  const tellKnocking = () => on.knocking([...knocking].map(([id, name]) => ({ id, name })));

  function forget(id) {
    if (knocking.delete(id)) tellKnocking();
    if (hands.delete(id)) tellHands();
  }

  function watch(hear) {
    hear("participantJoined", ({ id, displayName }) => {
      names.set(id, displayName ?? "");
      // Whoever was let in by another moderator no longer knocks.
      if (knocking.delete(id)) tellKnocking();
    });
    hear("displayNameChange", ({ id, displayname }) => {
      names.set(id, displayname ?? "");
      if (hands.has(id)) tellHands();
    });
    hear("participantLeft", ({ id }) => {
      names.delete(id);
      forget(id);
    });
    hear("raiseHandUpdated", ({ id, handRaised }) => {
      // The time of raising; 0 is lowered.
      if (handRaised) hands.set(id, handRaised);
      else hands.delete(id);
      tellHands();
    });
    hear("knockingParticipant", ({ participant }) => {
      if (!participant?.id) return;
      knocking.set(participant.id, participant.name ?? "");
      tellKnocking();
    });
    hear("participantRoleChanged", ({ id, role }) => id === own && on.moderating(role === "moderator"));
    hear("recordingStatusChanged", ({ on: isOn, mode }) => on.recording({ on: Boolean(isOn), mode }));
    hear("breakoutRoomsUpdated", ({ rooms }) => {
      const others = Object.values(rooms ?? {}).filter(({ isMainRoom }) => !isMainRoom);
      on.breakouts(others.map((room) => ({ name: room.name ?? "", people: Object.keys(room.participants ?? {}).length })));
    });
  }

  return {
    watch,
    entered({ id, displayName }) {
      own = id;
      ownName = displayName ?? "";
      hands.clear();
      tellHands();
    },
    gone() {
      own = null;
      hands.clear();
      knocking.clear();
      tellHands();
      tellKnocking();
      on.recording({ on: false });
      on.breakouts([]);
    },
    isUp: () => own !== null && hands.has(own),
    answered: forget,
  };
}
