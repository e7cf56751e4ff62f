using System.Buffers;

namespace RealTimeMesh.Contracts;

/// <summary>Names of Avro types and fields (Avro 1.12, "Names").</summary>
internal static class AvroNames
{
    public const string NameRule = "letters, digits and _, not starting with a digit";

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    public static string Qualify(string name, string space) => name.Contains('.') || space.Length == 0 ? name : $"{space}.{name}";

    public static string SpaceOf(string fullName) => fullName.LastIndexOf('.') is > 0 and var dot ? fullName[..dot] : "";

    public static bool IsFullName(string name)
    {
        foreach (var part in name.AsSpan().Split('.'))
        {
            if (!IsName(name.AsSpan()[part]))
                return false;
        }

        return true;
    }

    public static bool IsName(ReadOnlySpan<char> name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && !name.ContainsAnyExcept(NameCharacters);
}
