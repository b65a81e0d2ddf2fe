// One Socket.IO connection a page, with acknowledgements that either come or are asked for again.

import { io } from "../../vendor/socket.io.esm.min.js";
import { showConnection } from "./connection.js";

const ACK_MILLISECONDS = 8000;
const RETRY_MILLISECONDS = 1500;

/** Opens the page's socket. WebSocket first; polling where a proxy forbids it. Shows losses in the banner. */
export function openSocket({ signIn = "/sign-in" } = {}) {
  const socket = io({
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 4000,
    timeout: 8000,
  });
  let wasLost = false;
  socket.on("connect", () => {
    showConnection(wasLost ? "back" : null);
    wasLost = false;
  });
  const lost = () => {
    wasLost = true;
    showConnection(navigator.onLine ? "reconnecting" : "offline");
  };
  socket.on("disconnect", lost);
  socket.on("connect_error", lost);
  addEventListener("offline", () => {
    lost();
    // The network is gone for certain: do not wait twenty seconds for the ping to find out.
    socket.io.engine?.close();
  });
  addEventListener("online", () => socket.connect());
  socket.on("signed_out", () => {
    socket.disconnect();
    location.assign(signIn);
  });
  return socket;
}

/** Asks and resolves with the acknowledgement; rejects when none comes in time. */
export function ask(socket, event, payload) {
  return socket.timeout(ACK_MILLISECONDS).emitWithAck(event, payload);
}

/** A queue that tells the server one thing after another until each is acknowledged, across reconnects. */
export class Telling {
  constructor(socket, { onAnswer, onRefusal, onWaiting }) {
    this.socket = socket;
    this.waiting = [];
    this.busy = false;
    this.waiters = [];
    Object.assign(this, { onAnswer, onRefusal, onWaiting });
    socket.on("connect", () => this.next());
  }

  /** `make(message)` gives the payload at the moment of sending, so that its age is right. */
  tell(event, make) {
    this.waiting.push({ event, make });
    this.onWaiting?.(this.waiting.length);
    this.next();
  }

  /** Resolves once everything told is acknowledged, or after so many milliseconds at most. */
  settled(atMost) {
    if (!this.waiting.length) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiters.push(resolve);
      setTimeout(resolve, atMost);
    });
  }

  async next() {
    if (this.busy || !this.waiting.length || !this.socket.connected) return;
    this.busy = true;
    const message = this.waiting[0];
    let pause = 0;
    try {
      const answer = await ask(this.socket, message.event, message.make());
      if (answer.ok || answer.code !== "http_500") {
        this.waiting.shift();
        (answer.ok ? this.onAnswer : this.onRefusal)?.(message.event, answer);
      } else {
        // The server could not store it now (its database may be away): nothing is lost, ask again.
        pause = RETRY_MILLISECONDS;
      }
    } catch {
      pause = RETRY_MILLISECONDS;
    }
    this.onWaiting?.(this.waiting.length);
    if (!this.waiting.length) this.waiters.splice(0).forEach((done) => done());
    setTimeout(() => {
      this.busy = false;
      this.next();
    }, pause);
  }
}
