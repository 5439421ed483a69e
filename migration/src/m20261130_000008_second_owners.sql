-- An answer or a turn is the organisation's and the person's: whose it is follows from its session, in every scope. A
-- session that gets an account hands it on by the trigger, and one that changes or loses it by the key.
ALTER TABLE assessment.interview_sessions
  ADD CONSTRAINT interview_sessions_person_key UNIQUE (organization_id, id, account_id);
ALTER TABLE assessment.session_answers ADD CONSTRAINT session_answers_person_fkey
  FOREIGN KEY (organization_id, session_id, account_id)
  REFERENCES assessment.interview_sessions (organization_id, id, account_id) ON UPDATE CASCADE ON DELETE RESTRICT;
ALTER TABLE assessment.session_turns ADD CONSTRAINT session_turns_person_fkey
  FOREIGN KEY (organization_id, session_id, account_id)
  REFERENCES assessment.interview_sessions (organization_id, id, account_id) ON UPDATE CASCADE ON DELETE RESTRICT;
DROP TRIGGER follow_account ON assessment.interview_sessions;
CREATE TRIGGER follow_account AFTER UPDATE OF account_id ON assessment.interview_sessions FOR EACH ROW
  WHEN (OLD.account_id IS NULL AND NEW.account_id IS NOT NULL) EXECUTE FUNCTION assessment.follow_account();

-- What was submitted stays as it was. A session that is out of sight is refused by policies and keys; the lock is the
-- one that a unit holds already.
CREATE FUNCTION assessment.require_progress() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  found text;
BEGIN
  SELECT status INTO found FROM assessment.interview_sessions
    WHERE organization_id = NEW.organization_id AND id = NEW.session_id FOR SHARE;
  IF found <> 'in_progress' THEN
    RAISE EXCEPTION 'session % is %: it takes neither answers nor turns', NEW.session_id, found
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION assessment.require_progress() FROM PUBLIC;
CREATE TRIGGER in_progress BEFORE INSERT OR UPDATE OF sequence, reply, answered_at ON assessment.session_answers
  FOR EACH ROW EXECUTE FUNCTION assessment.require_progress();
CREATE TRIGGER in_progress BEFORE INSERT OR UPDATE OF speaker, said, said_at ON assessment.session_turns
  FOR EACH ROW EXECUTE FUNCTION assessment.require_progress();

-- Who belongs to an organisation is decided by accepting its invitation, which is no organisation's scope.
REVOKE INSERT, UPDATE ON identity.memberships FROM touchstone_tenant;
GRANT UPDATE (roles, job_title, department, status, version) ON identity.memberships TO touchstone_tenant;
