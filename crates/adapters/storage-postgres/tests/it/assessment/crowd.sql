-- So many rows of each kind, after those a test made as the domain makes them: one in ten belongs where they do. Keys
-- and triggers are off, so that nothing but what lists read has to be there.
SET session_replication_role = replica;

CREATE FUNCTION pg_temp.n(base bigint, i bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT lpad(to_hex(base * 10000000 + i), 32, '0')::uuid $$;
CREATE FUNCTION pg_temp.own(i bigint, own uuid, base bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
  $$ SELECT CASE i % 10 WHEN 0 THEN own ELSE pg_temp.n(base, i) END $$;

INSERT INTO assessment.custom_assessments (id, organization_id, created_by, name, slug, definition, status, created_at)
  SELECT pg_temp.n(10, i), organization_id, created_by, name, 'a-' || i, definition,
    CASE i % 10 WHEN 0 THEN 'active' ELSE 'archived' END, created_at + i * interval '1 s'
  FROM assessment.custom_assessments, generate_series(1, $count) i;

INSERT INTO assessment.custom_assessment_versions (id, organization_id, assessment_id, major, minor, definition, checksum,
    published_by, published_at)
  SELECT pg_temp.n(11, i), organization_id, assessment_id, 2, i, definition, checksum, published_by,
    published_at + i * interval '1 s'
  FROM assessment.custom_assessment_versions, generate_series(1, $count) i;

INSERT INTO assessment.coaching_sessions (id, organization_id, coach_id, title, assessment_type, custom_assessment_id,
    version_id, assessment_version, terms, created_at)
  SELECT pg_temp.n(15, i), organization_id, pg_temp.own(i, created_by, 0), 'Talk', 'custom', custom_assessment_id,
    version_id, assessment_version, terms, created_at + i * interval '1 s'
  FROM assessment.campaigns, generate_series(1, $count) i;

INSERT INTO assessment.marketplace_listings (assessment_id, organization_id, publisher, slug, version_id,
    assessment_version, definition, status, price_tier, offered_at)
  SELECT pg_temp.n(10, i), c.organization_id, 'North', 'a-' || i, c.version_id, '1.0', v.definition,
    CASE i % 10 WHEN 0 THEN 'pending_review' ELSE 'published' END, 'free', c.created_at + i * interval '1 s'
  FROM assessment.campaigns c JOIN assessment.custom_assessment_versions v ON v.id = c.version_id,
    generate_series(1, $count) i;

INSERT INTO assessment.campaigns (id, organization_id, created_by, name, assessment_type, custom_assessment_id,
    version_id, assessment_version, terms, status, created_at)
  SELECT pg_temp.n(12, i), organization_id, pg_temp.own(i, created_by, 0), name, assessment_type,
    pg_temp.own(i, custom_assessment_id, 10), version_id, assessment_version, terms,
    CASE i % 10 WHEN 0 THEN 'active' ELSE 'closed' END, created_at + i * interval '1 s'
  FROM assessment.campaigns, generate_series(1, $count) i;

INSERT INTO assessment.campaign_assignments (id, organization_id, campaign_id, account_id, invited_at, session_id,
    created_at)
  SELECT pg_temp.n(13, i), organization_id, pg_temp.own(i, campaign_id, 12), pg_temp.n(0, i),
    CASE i % 20 WHEN 0 THEN created_at END, pg_temp.n(14, i), created_at + i * interval '1 s'
  FROM assessment.campaign_assignments, generate_series(1, $count) i;

INSERT INTO assessment.interview_sessions (id, organization_id, session_type, origin_id, campaign_id, run_by,
    custom_assessment_id, version_id, assessment_version, account_id, rules, release, raters, progress, status,
    created_at)
  SELECT pg_temp.n(14, i), organization_id, session_type, pg_temp.n(13, i), pg_temp.own(i, campaign_id, 12), run_by,
    custom_assessment_id, version_id, assessment_version, pg_temp.n(0, i), rules, release, raters, progress, status,
    created_at + i * interval '1 s'
  FROM assessment.interview_sessions, generate_series(1, $count) i;

INSERT INTO assessment.session_answers (organization_id, session_id, item, account_id, sequence, reply, answered_at)
  SELECT organization_id, id, 'item-' || n, account_id, n, jsonb_build_object('step', 1 + n % 5), created_at
  FROM assessment.interview_sessions, generate_series(1, 4) n WHERE id >= pg_temp.n(14, 0);

INSERT INTO assessment.session_ratings (organization_id, session_id, dimension, rater_kind, rater, evidence, rated_at)
  SELECT organization_id, id, 'empathy', 'model', 'm' || n, '[]', created_at
  FROM assessment.interview_sessions, generate_series(1, 5) n;

INSERT INTO assessment.custom_assessment_results (id, organization_id, assessment_id, session_id, session_type,
    interview_session_id, campaign_id, run_by, account_id, run, version_id, major, assessment_version, scorer_version,
    dimension_hundredths, overall_hundredths, category_place, dimension_scores, matched_category, scored_at,
    completed_at, created_at)
  SELECT pg_temp.n(16, i), organization_id, pg_temp.own(i, assessment_id, 10), pg_temp.n(13, i), session_type,
    pg_temp.n(14, i), CASE i % 20 WHEN 0 THEN campaign_id ELSE pg_temp.n(12, i) END,
    CASE i % 30 WHEN 0 THEN run_by ELSE pg_temp.n(0, i) END, account_id, 1, version_id, major, assessment_version,
    scorer_version, ARRAY[100 + i * 37 % 400, NULL], 100 + i * 53 % 400, i % 2, dimension_scores, matched_category,
    scored_at, completed_at, created_at + i * interval '1 s'
  FROM assessment.custom_assessment_results, generate_series(1, $count) i;

INSERT INTO assessment.participations (account_id, origin_id, session_type, organization_id, created_at)
  SELECT pg_temp.own(i, pg_temp.n(0, 2), 0), pg_temp.n(13, i), 'campaign', pg_temp.n(0, 7), now() + i * interval '1 s'
  FROM generate_series(1, $count) i;

INSERT INTO platform.tasks (id, organization_id, task_name, related_type, related_id, status, user_id, created_at)
  SELECT pg_temp.n(17, i), pg_temp.n(0, 7), 'test.write', 'test', pg_temp.n(10, i), 'queued',
    pg_temp.own(i, pg_temp.n(0, 2), 0), now() + i * interval '1 s'
  FROM generate_series(1, $count) i;

INSERT INTO platform.letters (organization_id, about_id, kind, letter_id, status, status_at)
  SELECT organization_id, id, 1, gen_random_uuid(), 'sent', created_at FROM assessment.campaign_assignments;
INSERT INTO platform.letters (organization_id, about_id, kind)
  SELECT gen_random_uuid(), gen_random_uuid(), 1 FROM generate_series(1, 30 * $count);

SET session_replication_role = DEFAULT;
VACUUM ANALYZE;
