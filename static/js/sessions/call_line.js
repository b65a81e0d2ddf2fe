// The built-in room's line to the server: a place in the call, and what browsers tell each other to connect.

import { ask } from "../lib/socket.js";

/** What practice.js needs of the server for this session (config.line). */
export function callLine(socket, session) {
  return {
    /** Asks for a place: {ok, place, most, others: [{place, name}]}; `place` is null when all are taken. */
    join: () => ask(socket, "room:call", { session }),
    signal: (to, message) => ask(socket, "room:signal", { session, to, ...message }),
    /** Without waiting: it is said on the way out. */
    hangUp: () => socket.emit("room:hang_up", { session }),
    /** The room beside sound and picture: hands, and what a moderator asks of everybody. */
    hand: (up, person) => ask(socket, "room:hand", { session, up, ...(person && { person }) }),
    muteAll: () => ask(socket, "room:mute_all", { session }),
    endAll: () => ask(socket, "room:end_all", { session }),
    /** Calls hands(list), mute({by, person}), end({by, person}) as the server tells; returns a function that stops it. */
    watchRoom({ hands, mute, end }) {
      const ours = (listen) => (message) => message.session === session && listen(message);
      const listening = { "room:hands": ours((told) => hands(told.hands)), "room:mute": ours(mute), "room:end": ours(end) };
      const fetch = () =>
        ask(socket, "room:hands", { session })
          .then((answer) => answer.ok && hands(answer.hands))
          .catch(() => {});
      Object.entries(listening).forEach(([event, listen]) => socket.on(event, listen));
      socket.on("connect", fetch);
      if (socket.connected) fetch();
      return () => {
        Object.entries(listening).forEach(([event, listen]) => socket.off(event, listen));
        socket.off("connect", fetch);
      };
    },
    /** Calls signal(message), gone(place) and back() as the server tells; returns a function that stops it. */
    listen({ signal, gone, back }) {
      const told = (message) => message.session === session && signal(message);
      const left = (message) => message.session === session && gone(message.place);
      socket.on("room:signal", told);
      socket.on("room:gone", left);
      // A new connection holds no place: whoever was in the call has to ask anew.
      socket.on("connect", back);
      return () => {
        socket.off("room:signal", told);
        socket.off("room:gone", left);
        socket.off("connect", back);
      };
    },
  };
}
