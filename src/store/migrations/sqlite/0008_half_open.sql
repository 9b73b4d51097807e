R"sql(
-- Whether one attempt at a time shall find out what a cooldown has left behind.
ALTER TABLE cooldowns ADD COLUMN half_open INTEGER NOT NULL DEFAULT 0;
)sql"
