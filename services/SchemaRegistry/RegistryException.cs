using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>A request that the registry refuses, in the words and codes of its REST API.</summary>
internal sealed class RegistryException(int code, string message) : RealTimeMeshException(message)
{
    /// <summary>The API's error code; its first three digits are the HTTP status.</summary>
    public int Code { get; } = code;

    public int Status => Code >= 1000 ? Code / 100 : Code;

    public static RegistryException SubjectNotFound(string? subject) => new(40401, $"Subject '{subject}' not found.");

    public static RegistryException VersionNotFound(int version) => new(40402, $"Version {version} not found.");

    public static RegistryException SchemaNotFound() => new(40403, "Schema not found");

    public static RegistryException SchemaNotFound(object id) => new(40403, $"Schema {id} not found");

    public static RegistryException SubjectSoftDeleted(string subject) =>
        new(40404, $"Subject '{subject}' was soft deleted.Set permanent=true to delete permanently");

    public static RegistryException SubjectNotSoftDeleted(string subject) =>
        new(40405, $"Subject '{subject}' was not deleted first before being permanently deleted");

    public static RegistryException VersionSoftDeleted(string subject, int version) =>
        new(40406, $"Subject '{subject}' Version {version} was soft deleted.Set permanent=true to delete permanently");

    public static RegistryException VersionNotSoftDeleted(string subject, int version) =>
        new(40407, $"Subject '{subject}' Version {version} was not deleted first before being permanently deleted");

    public static RegistryException NoSubjectCompatibility(string subject) =>
        new(40408, $"Subject '{subject}' does not have subject-level compatibility configured");

    public static RegistryException NoSubjectMode(string subject) =>
        new(40409, $"Subject '{subject}' does not have subject-level mode configured");

    public static RegistryException InvalidSchema(string message) => new(42201, message);

    public static RegistryException InvalidSchema(string type, string details) => new(42201, $"Invalid schema of type {type}, details: {details}");

    public static RegistryException InvalidVersion(string version) =>
        new(42202, $"The specified version '{version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"");

    public static RegistryException InvalidCompatibility() =>
        new(42203, "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive");

    public static RegistryException InvalidMode() => new(42204, "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD.");

    public static RegistryException InvalidMode(string message) => new(42204, message);

    public static RegistryException NotPermitted(string message) => new(42205, message);

    public static RegistryException ReadOnly(string subject) =>
        NotPermitted($"Subject {subject} in context {SubjectName.Parse(subject).Prefix} is in read-only mode");

    public static RegistryException ReferenceExists(string subject, int version) =>
        new(42206, $"One or more references exist to the schema {{magic=1,keytype=SCHEMA,subject={subject},version={version}}}.");

    public static RegistryException InvalidSubject(string subject) => new(42208, $"The specified subject '{subject}' is not a valid.");

    public static RegistryException InvalidRules(string message) => new(42210, message);

    public static RegistryException ContextNotEmpty(string context) => new(42211, $"The specified context '{context}' is not empty.");

    public static RegistryException Incompatible(string subject, IEnumerable<string> messages) =>
        new(409, $"Schema being registered is incompatible with an earlier schema for subject \"{subject}\", details: [{string.Join(", ", messages)}]");

    public static RegistryException BadRequest(string message) => new(400, message);

    public static RegistryException StoreFailed() => new(50001, "Error in the backend data store: the entry could not be stored; free disk space or correct the folder's rights, then send the request again");

    public static RegistryException ForwardingFailed(string what, string reason) => new(50003, $"Error while forwarding {what} to the leader: {reason}");

    public static RegistryException NotTheWriter() => new(50004, "Leader not known.");
}
