// The file of a log of version 1, which kept its events in SQLite, as it was made then.

export const VERSION_1 = `
  create table meta (key text primary key, value text not null) strict, without rowid;
  create table events (seq integer primary key, type text not null, line text not null) strict;
  create index said on events (seq) where type = 'said';
  create index topics on events (seq) where type = 'topic';
  create table requests (request text primary key, seq integer not null) strict, without rowid;
  insert into meta values ('log', 'the-old-name');
  pragma application_id = 0x63686174;
  pragma user_version = 1;
`;
