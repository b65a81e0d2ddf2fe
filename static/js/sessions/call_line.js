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
