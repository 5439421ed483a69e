CREATE SCHEMA document;
GRANT USAGE ON SCHEMA document TO touchstone_tenant, touchstone_worker;

CREATE TABLE document.documents (
  organization_id uuid NOT NULL,
  id uuid NOT NULL,
  uploaded_by uuid,
  related_type text,
  related_id uuid,
  original_filename text CHECK (length(original_filename) BETWEEN 1 AND 255),
  file_type text NOT NULL CHECK (file_type IN ('pdf', 'docx', 'odt', 'rtf', 'html', 'text', 'png', 'jpeg', 'gif',
    'webp', 'zip', 'unknown')),
  document_category text NOT NULL CHECK (document_category IN ('cv', 'jd', 'portfolio', 'documentation_image',
    'certificate', 'report', 'evidence', 'other')),
  file_size bigint NOT NULL CHECK (file_size >= 0),
  sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
  active_content text[] NOT NULL CHECK (active_content <@ ARRAY['java_script', 'open_action', 'additional_actions',
    'launch', 'embedded_file', 'macros']),
  wrapped_key bytea CHECK (octet_length(wrapped_key) > 0),
  has_content boolean NOT NULL GENERATED ALWAYS AS (wrapped_key IS NOT NULL) STORED,
  status text NOT NULL CHECK (status IN ('quarantined', 'available', 'rejected', 'shredded')),
  reason text,
  extraction_status text NOT NULL CHECK (extraction_status IN ('none', 'pending', 'done', 'needs_ocr', 'failed')),
  extraction_preview bytea,
  retain_until timestamptz,
  legal_hold boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT documents_related_check CHECK ((related_type IS NULL) = (related_id IS NULL)),
  CONSTRAINT documents_content_check CHECK (
    (wrapped_key IS NULL) = (status IN ('rejected', 'shredded'))
    AND (wrapped_key IS NOT NULL OR (original_filename IS NULL AND extraction_preview IS NULL))),
  CONSTRAINT documents_legal_hold_check CHECK (NOT legal_hold OR status <> 'shredded')
);
COMMENT ON COLUMN document.documents.related_type IS 'what it belongs to; NULL: nothing, and it is shredded soon';
COMMENT ON COLUMN document.documents.wrapped_key IS 'the key of content, text and preview, itself sealed';
COMMENT ON COLUMN document.documents.sha256 IS 'of the content as it is kept';
COMMENT ON COLUMN document.documents.extraction_preview IS 'the first characters of the text, sealed with the key';
CREATE TRIGGER touch BEFORE UPDATE ON document.documents FOR EACH ROW EXECUTE FUNCTION platform.touch();
CREATE INDEX documents_list ON document.documents (organization_id, created_at, id);
CREATE INDEX documents_related ON document.documents (organization_id, related_type, related_id, created_at, id)
  WHERE related_id IS NOT NULL;
CREATE INDEX documents_uploader ON document.documents (uploaded_by, organization_id, id) WHERE uploaded_by IS NOT NULL;
-- What an organisation keeps is summed by it, and the worker walks along it.
CREATE INDEX documents_content ON document.documents (organization_id, id) INCLUDE (file_size) WHERE has_content;
