using RealTimeMesh.Contracts;

namespace RealTimeMesh.SchemaRegistry;

/// <summary>A request that the registry refuses, in the words and codes of its REST API.</summary>
internal sealed class RegistryException(int code, string message) : RealTimeMeshException(message)
{
    /// <summary>The API's error code; its first three digits are the HTTP status.</summary>
    public int Code { get; } = code;

    public int Status => Code >= 1000 ? Code / 100 : Code;

    public static RegistryException SubjectNotFound(string subject) => new(40401, $"Subject '{subject}' not found.");

    public static RegistryException VersionNotFound(int version) => new(40402, $"Version {version} not found.");

    public static RegistryException SchemaNotFound() => new(40403, "Schema not found");

    public static RegistryException SchemaNotFound(int id) => new(40403, $"Schema {id} not found");

    public static RegistryException SubjectSoftDeleted(string subject) =>
        new(40404, $"Subject '{subject}' was soft deleted. Set permanent=true to delete permanently");

    public static RegistryException SubjectNotSoftDeleted(string subject) =>
        new(40405, $"Subject '{subject}' was not deleted first before being permanently deleted");

    public static RegistryException VersionSoftDeleted(string subject, int version) =>
        new(40406, $"Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently");

    public static RegistryException VersionNotSoftDeleted(string subject, int version) =>
        new(40407, $"Subject '{subject}' Version {version} was not deleted first before being permanently deleted");

    public static RegistryException NoSubjectCompatibility(string subject) =>
        new(40408, $"Subject '{subject}' does not have subject-level compatibility configured");

    public static RegistryException InvalidSchema(string schema, string details) =>
        new(42201, $"Invalid schema {(schema.Length > 400 ? schema[..400] + "…" : schema)} of type AVRO, details: {details}");

    public static RegistryException UnsupportedSchema(string message) => new(42201, message);

    public static RegistryException InvalidVersion(string version) =>
        new(42202, $"The specified version '{version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"");

    public static RegistryException InvalidCompatibility(string? found) =>
        new(42203, $"Invalid compatibility level. Valid values are {CompatibilityLevel.Names}; found '{found}'");

    public static RegistryException InvalidSubject(string subject) => new(42208, $"The specified subject '{subject}' is not a valid subject name: control characters are not allowed");

    public static RegistryException Incompatible(string subject, string details) =>
        new(409, $"Schema being registered is incompatible with an earlier schema for subject \"{subject}\", details: [{details}]");

    public static RegistryException BadRequest(string message) => new(400, message);

    public static RegistryException StoreFailed() => new(50001, "Error in the backend data store: the entry could not be stored; free disk space or correct the folder's rights, then send the request again");
}
