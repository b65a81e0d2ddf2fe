/* The frame's transport as a real meeting has it: @jitsi/js-utils, in the shape of transport.js.
 *
 * So a change in how our page's side speaks, or a new version of Jitsi's, shows in the tests.
 */

import PostMessageTransportBackend from "./js-utils/transport/PostMessageTransportBackend";
import Transport from "./js-utils/transport/Transport";

window.StandInTransport = class {
  constructor({ scope, peer, hear }) {
    const backend = new PostMessageTransportBackend({ postisOptions: { scope, window: peer() } });
    this.transport = new Transport({ backend });
    this.transport.on("event", (data) => {
      hear({ type: "event", data });
      return true;
    });
  }

  send({ data }) {
    this.transport.sendEvent(data);
  }

  close() {
    this.transport.dispose();
  }
};
