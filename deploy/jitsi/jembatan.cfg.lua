-- Tells Jembatan who came and went. Needs mod_event_sync_component.lua in prosody-plugins-custom/.
-- ENV_… are the variables of the prosody container (compose.yaml).
Component "esync.meet.jitsi" "event_sync_component"
    muc_component = "muc.meet.jitsi"
    breakout_component = "breakout.meet.jitsi"
    api_prefix = ENV_JEMBATAN_URL .. "/jitsi"
    api_headers = { ["Authorization"] = "Bearer " .. ENV_JITSI_EVENTS_SECRET }
    -- A restart of Jembatan takes longer than the three seconds that the defaults would wait in all.
    api_retry_count = 10
    api_retry_delay = 3
