namespace RealTimeMesh.Contracts;

/// <summary>Names of Avro types and fields (Avro 1.12, "Names").</summary>
internal static class AvroNames
{
    public const string NameRule = "letters, digits and _, not starting with a digit";

    public static string Qualify(string name, string space) => name.Contains('.') || space.Length == 0 ? name : $"{space}.{name}";

    public static string SpaceOf(string fullName) => fullName.LastIndexOf('.') is > 0 and var dot ? fullName[..dot] : "";

    public static bool IsFullName(string name) => name.Split('.').All(IsName);

    public static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
