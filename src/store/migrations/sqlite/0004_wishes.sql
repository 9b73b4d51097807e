R"sql(
-- How the operator wants credentials used, and what tokens may cost.
ALTER TABLE credentials ADD COLUMN tier INTEGER;  -- NULL: its provider's place
ALTER TABLE credentials ADD COLUMN weight INTEGER NOT NULL DEFAULT 1;
ALTER TABLE credentials ADD COLUMN most_leases INTEGER NOT NULL DEFAULT 0;  -- 0: any number
ALTER TABLE credentials ADD COLUMN proxy BLOB;    -- a URL, sealed; NULL: as the settings say
ALTER TABLE credentials ADD COLUMN note TEXT NOT NULL DEFAULT '';

ALTER TABLE tokens ADD COLUMN expires INTEGER NOT NULL DEFAULT 0;  -- 0: never
ALTER TABLE tokens ADD COLUMN limits TEXT NOT NULL DEFAULT '';     -- JSON; '': none
)sql"
