-- The first tables of a gateway. Times are INTEGER UTC microseconds, durations microseconds, booleans 0 and 1.
-- A migration is never edited once released: the next change is the next number. Where rows are many, a CHECK names its
-- words with OR: for an IN of three words SQLite builds a table at each insert and update. For the same reason nothing
-- cascades from a mail: DELETE of a parent builds a table for the keys of its children, also where there are none.

-- A mail that was accepted: what is handed out is trace || content, octet for octet.
CREATE TABLE mail (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    accepted_at  INTEGER NOT NULL,
    reverse_path TEXT    NOT NULL,                      -- '' is the null sender
    standing     TEXT    NOT NULL CHECK (standing = 'stranger' OR standing = 'own-user' OR standing = 'peer'
                                         OR standing = 'own-gateway'),
    submitter    TEXT    NOT NULL,                      -- login of the user or name of the peer
    automatic    INTEGER NOT NULL,                      -- never answered by a notice (RFC 3834)
    message_id   TEXT    NOT NULL,
    subject      TEXT    NOT NULL,                      -- '' of a confidential one: it is in the content alone
    envid        TEXT    NOT NULL DEFAULT '',           -- RFC 3461
    ret          TEXT    NOT NULL DEFAULT '' CHECK (ret = '' OR ret = 'FULL' OR ret = 'HDRS'),
    trace        BLOB    NOT NULL,                      -- fields that this gateway put in front
    content      BLOB,                                  -- NULL: the octets are in spool_file
    spool_file   TEXT,
    size         INTEGER NOT NULL,                      -- octets of content, before it was sealed
    key_id       TEXT    NOT NULL DEFAULT '',           -- of a confidential mail: the key that seals its content
    CHECK ((content IS NULL) <> (spool_file IS NULL))
) STRICT;

-- Of the few that are sealed; the content, which stands in front of the key, need not be read for it.
CREATE INDEX mail_key ON mail (key_id) WHERE key_id <> '';

-- Spool files whose mail is gone: to be removed from the disk.
CREATE TABLE dead_file (
    name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- What is still to be done with a mail for one recipient. A finished item is deleted.
CREATE TABLE queue_item (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    mail_id      INTEGER NOT NULL REFERENCES mail (id),
    recipient    TEXT    NOT NULL,                      -- forward-path
    exchange     TEXT    NOT NULL,                      -- value of Ringpost-Exchange for this recipient, or ''
    request_id   INTEGER NOT NULL,                      -- the request that the mail makes for this recipient, or 0
    notify       TEXT    NOT NULL,                      -- RFC 3461 NOTIFY, or ''
    orcpt        TEXT    NOT NULL,
    express      INTEGER NOT NULL,
    due          INTEGER NOT NULL,                      -- not before
    expires      INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    delay_told   INTEGER NOT NULL,
    last_error   TEXT    NOT NULL,
    held         INTEGER NOT NULL DEFAULT 0,            -- 1: an administrator holds it back
    refused      TEXT    NOT NULL DEFAULT ''            -- why its order is not performed, for the delivered mail
) STRICT;
CREATE INDEX queue_item_due ON queue_item (due) WHERE held = 0;
CREATE INDEX queue_item_turn ON queue_item (express DESC, due, id) WHERE held = 0;
CREATE INDEX queue_item_mail ON queue_item (mail_id);
CREATE INDEX queue_item_request ON queue_item (request_id) WHERE request_id <> 0;

-- Ids of mails that peers relayed to us, by which a repeat is recognised and dropped.
CREATE TABLE seen_mail (
    origin    TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    recipient TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (origin, id, recipient)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_mail_at ON seen_mail (at);

-- The directory.
CREATE TABLE user (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    name             TEXT    NOT NULL,
    extension        TEXT    NOT NULL,                  -- '' where the person has no telephone
    external_number  TEXT    NOT NULL,                  -- E.164, or ''
    fax_number       TEXT    NOT NULL DEFAULT '',
    secret_hash      TEXT    NOT NULL,
    pin_hash         TEXT    NOT NULL DEFAULT '',
    time_zone        TEXT    NOT NULL DEFAULT '',
    language         TEXT    NOT NULL CHECK (language IN ('en', 'ja')),
    fire_on          TEXT    NOT NULL DEFAULT 'retr' CHECK (fire_on IN ('retr', 'dele', 'command')),
    ask_first        INTEGER NOT NULL DEFAULT 0,        -- on reception, by a call, before anything of the mail is done
    quiet_hours      TEXT    NOT NULL DEFAULT '',       -- hours not to be rung, `22:00-07:00`
    client_networks  TEXT    NOT NULL DEFAULT '',       -- which client addresses count as reception; '' = all
    completed_notice INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE TABLE user_address (
    address    TEXT    NOT NULL PRIMARY KEY,            -- lower case
    user_id    INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    is_primary INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX user_address_user ON user_address (user_id);
CREATE TABLE number_conversion (
    extensions TEXT NOT NULL PRIMARY KEY,               -- `20xx`
    external   TEXT NOT NULL                            -- E.164 with as many x: `+814422233xx`
) STRICT, WITHOUT ROWID;
CREATE TABLE cti_prefix (
    prefix  TEXT NOT NULL PRIMARY KEY,                  -- E.164 digits with +; the longest wins
    network TEXT NOT NULL CHECK (network IN ('own', 'toll', 'public')),
    gateway TEXT NOT NULL                               -- domain of the gateway whose exchange has the number, or ''
) STRICT, WITHOUT ROWID;
CREATE TABLE destination (
    name   TEXT    NOT NULL PRIMARY KEY,                -- mail address, domain, or `*`
    host   TEXT    NOT NULL,
    port   INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    login  TEXT    NOT NULL,                            -- how this gateway proves who it is there, or ''
    secret TEXT    NOT NULL,
    tls    TEXT    NOT NULL CHECK (tls IN ('none', 'opportunistic', 'required', 'implicit')),
    fingerprint TEXT NOT NULL,                          -- SHA-256 of its certificate, 64 hex digits, or ''
    gateway INTEGER NOT NULL DEFAULT 1                  -- 0: known to be a mail server without a gateway
) STRICT, WITHOUT ROWID;
CREATE TABLE peer (
    name        TEXT NOT NULL PRIMARY KEY,              -- login of the other gateway, its domain
    secret_hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE peer_range (
    peer   TEXT NOT NULL REFERENCES peer (name) ON DELETE CASCADE,
    prefix TEXT NOT NULL,                               -- E.164 prefix of numbers that the peer may name as source
    PRIMARY KEY (peer, prefix)
) STRICT, WITHOUT ROWID;
CREATE TABLE permission (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL,                              -- address, peer name, `*` (every own user) or `peer:*`
    class   TEXT NOT NULL,                              -- `own`, `toll`, `public:+81`
    hours   TEXT NOT NULL DEFAULT '',                   -- `08:00-20:00`; '' = always
    UNIQUE (subject, class)
) STRICT;
-- Switches of the administrator: `kill-switch` = `on` stops all outgoing calls.
CREATE TABLE setting (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What one addressee was asked for by one mail.
CREATE TABLE request (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    number              TEXT    NOT NULL UNIQUE,        -- `<id>@<domain>` given by the first gateway
    version             INTEGER NOT NULL,
    kind                TEXT    NOT NULL CHECK (kind = 'camp-on' OR kind = 'additional-connection'
                                                OR kind = 'interruptive-connection' OR kind = 'transfer-entry'
                                                OR kind = 'transfer-release' OR kind = 'cancel'),
    state               TEXT    NOT NULL CHECK (state = 'awaiting-reception' OR state = 'held' OR state = 'waiting'
                                                OR state = 'suspended' OR state = 'dialling-first'
                                                OR state = 'dialling-second' OR state = 'connected'
                                                OR state = 'failed' OR state = 'cancelled' OR state = 'expired'),
    cause               TEXT    NOT NULL,
    performer           TEXT    NOT NULL,               -- '' = this gateway; else the domain it was relayed to
    standing            TEXT    NOT NULL CHECK (standing = 'stranger' OR standing = 'own-user' OR standing = 'peer'
                                                OR standing = 'own-gateway'),
    submitter           TEXT    NOT NULL,
    sender              TEXT    NOT NULL,               -- address that is told the result
    addressee           TEXT    NOT NULL,
    mail_id             INTEGER REFERENCES mail (id),
    source_number       TEXT    NOT NULL,
    destination_number  TEXT    NOT NULL,
    source_device       TEXT    NOT NULL,               -- as the exchange dials it
    destination_device  TEXT    NOT NULL,
    network             TEXT    NOT NULL,
    call_trigger        TEXT    NOT NULL,
    result_notification INTEGER NOT NULL,
    monitor_time        INTEGER,                        -- NULL: until it succeeds, but not longer than the cap
    retry_every         INTEGER,                        -- NULL: on release
    ring_time           INTEGER NOT NULL,
    call_order          TEXT    NOT NULL CHECK (call_order IN ('destination-first', 'source-first')),
    first_attempt       INTEGER NOT NULL,
    name                TEXT    NOT NULL,
    express             INTEGER NOT NULL,
    language            TEXT    NOT NULL,
    notify_completed    INTEGER NOT NULL,               -- 0: NOTIFY=NEVER, or the sender's preference
    asked               INTEGER NOT NULL,
    expires_at          INTEGER,                        -- end of the monitor time, once it runs
    wake_at             INTEGER,                        -- when time alone next changes something
    wait                TEXT    NOT NULL CHECK (wait = 'none' OR wait = 'release' OR wait = 'use' OR wait = 'source'
                                                OR wait = 'source-use' OR wait = 'port'),
    attempts            INTEGER NOT NULL,
    last_cause          TEXT    NOT NULL,
    attempt_id          INTEGER,                        -- the attempt that runs
    first_answered      INTEGER NOT NULL,
    ended_at            INTEGER,
    -- A mail with contents that are processed has a scenario: its request waits (held, without wake_at) while other
    -- requests, one for each content, perform them.
    scenario            INTEGER NOT NULL,               -- 1: a row of `scenario` says what is done
    part_of             INTEGER REFERENCES request (id),-- of these: the request of the mail
    medium              TEXT    NOT NULL CHECK (medium = 'exchange' OR medium = 'voice' OR medium = 'fax'
                                                OR medium = 'inquiry' OR medium = 'pin'),
    content             INTEGER NOT NULL,               -- of these: its number in the mail, 0 = it is not a part
    heard               INTEGER,                        -- microseconds of the voice
    fax_calls           INTEGER NOT NULL,               -- of the FAX: in a row that brought no page
    bit_rate            INTEGER NOT NULL,               -- of the FAX: of the last call, 0 = none
    remote_id           TEXT    NOT NULL,               -- of the FAX: how the other one called itself
    pages               INTEGER,                        -- of the FAX: confirmed; the next call goes on behind them
    step                INTEGER NOT NULL,               -- of these: of the scenario, from 0
    why                 TEXT    NOT NULL,               -- of these: more than the cause says, for the result
    confidential        INTEGER NOT NULL                -- 1: voices and FAXes only after the addressee's PIN
) STRICT;
CREATE INDEX request_part_of ON request (part_of) WHERE part_of IS NOT NULL;

-- Pages of a FAX that its receiver has confirmed, for the copy in the result: until that is written.
CREATE TABLE sent_page (
    request_id    INTEGER NOT NULL REFERENCES request (id),
    page          INTEGER NOT NULL,                     -- from 0
    rows          INTEGER NOT NULL,
    rows_per_inch INTEGER NOT NULL,
    zero_is_black INTEGER NOT NULL,
    coded         BLOB    NOT NULL,                     -- ITU-T T.6
    PRIMARY KEY (request_id, page)
) STRICT;
-- How far the scenario of a request is.
CREATE TABLE scenario (
    request_id INTEGER PRIMARY KEY REFERENCES request (id),
    script     TEXT NOT NULL,
    connects   INTEGER NOT NULL, -- 1: it connects telephones; 0: it only sends recordings and FAXes
    run        TEXT NOT NULL
) STRICT;
-- What an addressee is being asked: the row is there as long as the answer counts.
CREATE TABLE inquiry (
    request_id INTEGER NOT NULL REFERENCES request (id),
    step       INTEGER NOT NULL,
    medium     TEXT    NOT NULL,
    token_hash TEXT    NOT NULL UNIQUE,
    until      INTEGER NOT NULL,
    PRIMARY KEY (request_id, step)
) STRICT;
-- The queue of a device, express first, then oldest first: those that wait for its release or next use, and those
-- that wait for a time (or for nothing).
CREATE INDEX request_release ON request (destination_device, express DESC, asked, id)
    WHERE state = 'waiting' AND wait <> 'none';
CREATE INDEX request_timed ON request (destination_device, express DESC, asked, id)
    WHERE state = 'waiting' AND wait = 'none';
CREATE INDEX request_port ON request (express DESC, asked, id) WHERE state = 'waiting' AND wait = 'port';
CREATE INDEX request_use ON request (destination_device) WHERE state = 'waiting' AND wait = 'use';
CREATE INDEX request_wake ON request (wake_at)
    WHERE wake_at IS NOT NULL AND ended_at IS NULL;
CREATE INDEX request_source ON request (source_device, express DESC, asked, id) WHERE state = 'suspended';
CREATE INDEX request_dialling ON request (state) WHERE state IN ('dialling-first', 'dialling-second');
CREATE INDEX request_mail ON request (mail_id) WHERE mail_id IS NOT NULL;
CREATE INDEX request_asked ON request (asked);

CREATE TABLE attempt (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: the exchange dials it at most once
    request_id      INTEGER NOT NULL REFERENCES request (id),
    started         INTEGER NOT NULL,
    ended           INTEGER,
    dialled         INTEGER NOT NULL,                   -- 0: only a look, which found the device in use
    first_answered  INTEGER,
    second_answered INTEGER,
    cause           TEXT    NOT NULL,
    interrupted     INTEGER NOT NULL DEFAULT 0          -- the gateway died while it ran
) STRICT;
CREATE INDEX attempt_request ON attempt (request_id);

-- Mail link data: an entry of a mailbox.
CREATE TABLE mailbox_entry (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    mail_id      INTEGER NOT NULL REFERENCES mail (id),
    prefix       BLOB    NOT NULL,                      -- Return-Path and Delivered-To, in front of the mail
    octets       INTEGER NOT NULL,                      -- prefix, trace and content together: what RETR sends
    delivered_at INTEGER NOT NULL,
    received_at  INTEGER,                               -- the moment of reception (spec 2.6); it happens once
    request_id   INTEGER REFERENCES request (id)
) STRICT;
-- Has all that a POP3 login reads: a maildrop of 50,000 mails is opened without touching a single row.
CREATE INDEX mailbox_entry_user ON mailbox_entry (user_id, id, octets, delivered_at, request_id, received_at);
CREATE INDEX mailbox_entry_mail ON mailbox_entry (mail_id);
CREATE INDEX mailbox_entry_request ON mailbox_entry (request_id) WHERE request_id IS NOT NULL; -- of few

-- Numbered contents of a mail, as octet ranges of its content.
CREATE TABLE content (
    mail_id           INTEGER NOT NULL REFERENCES mail (id),
    number            INTEGER NOT NULL,
    media_type        TEXT    NOT NULL,
    file_name         TEXT    NOT NULL,
    transfer_encoding TEXT    NOT NULL,
    first_octet       INTEGER NOT NULL,
    octets            INTEGER NOT NULL,
    PRIMARY KEY (mail_id, number)
) STRICT, WITHOUT ROWID;

-- Every decision of the gate and every call.
CREATE TABLE audit (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    request  TEXT    NOT NULL,
    standing TEXT    NOT NULL,
    who      TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    number   TEXT    NOT NULL,
    allowed  INTEGER NOT NULL,
    rule     TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at);
