/** Who may enter the portal, and who did. */
export const SIGN_IN = `
-- An email address that signed in to a tenant’s portal.
create table portal_users (
  tenant_id int not null references tenants (id),
  id text not null,
  email_canonical text not null,
  created_at int not null,
  primary key (tenant_id, id),
  unique (tenant_id, email_canonical)
);
create index portal_users_id on portal_users (id);

-- Signed-in browsers.
create table sessions (
  tenant_id int not null references tenants (id),
  id text not null,
  user_id text not null,
  customer_id int,
  expires_at int not null, -- epoch seconds, as lucia wants it
  absolute_expires_at int not null, -- epoch seconds; not extended
  idle_seconds int not null, -- how long it lasts without being used
  scope text not null check (scope in ('portal','temporary','document','manage')),
  document text, -- what a view link opens alone
  method text not null check (method in ('magic_link','email_link','email_code','view_link','sign_up')),
  key_id int,
  issuer text,
  link text, -- the magic link that made it, as in used_links
  address text not null,
  browser text not null,
  fresh_until int, -- epoch ms until which the sign-in counts as just made
  created_at int not null,
  seen_at int not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, user_id) references portal_users (tenant_id, id),
  foreign key (tenant_id, customer_id) references customers (tenant_id, id),
  foreign key (tenant_id, key_id) references keys (tenant_id, id)
);
create index sessions_id on sessions (id);
create index sessions_user on sessions (user_id);
create index sessions_expiry on sessions (expires_at);

-- Sign-in links that were asked for and not yet answered by mail.
create table signin_requests (
  tenant_id int not null references tenants (id),
  id int not null,
  email_canonical text not null,
  browser_hash text not null,
  redirect_to text,
  address text not null,
  language text,
  state text not null check (state in ('requested','handled')),
  requested_at int not null,
  primary key (tenant_id, id)
);
create index signin_requests_waiting on signin_requests (tenant_id, requested_at) where state = 'requested';

-- Sign-in links and codes that were mailed.
create table email_links (
  tenant_id int not null references tenants (id),
  token_hash text not null,
  request_id int not null,
  email_canonical text not null,
  browser_hash text not null,
  code_hash text not null,
  tries int not null default 0,
  redirect_to text,
  expires_at int not null,
  used_at int,
  created_at int not null,
  primary key (tenant_id, token_hash),
  foreign key (tenant_id, request_id) references signin_requests (tenant_id, id)
);
create index email_links_browser on email_links (tenant_id, browser_hash);
create index email_links_expiry on email_links (expires_at);

-- Magic links that were used: each works once.
create table used_links (
  tenant_id int not null references tenants (id),
  link_hash text not null,
  used_at int not null,
  expires_at int not null,
  primary key (tenant_id, link_hash)
);

-- How often something was done in the window under way.
create table rate_limits (
  tenant_id int not null references tenants (id),
  action text not null,
  subject text not null,
  window_start int not null,
  hits int not null,
  primary key (tenant_id, action, subject)
);
`;
