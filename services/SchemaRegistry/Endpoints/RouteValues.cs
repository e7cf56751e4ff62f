using System.Globalization;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

/// <summary>Parts of paths.</summary>
internal static class RouteValues
{
    /// <summary>A subject's name. An escaped slash arrives still escaped, everything else decoded.</summary>
    public static string Subject(string value)
    {
        var subject = value.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return subject.Any(char.IsControl) ? throw RegistryException.InvalidSubject(subject) : subject;
    }

    /// <summary>A version; null for the latest, which clients write as <c>latest</c> or -1.</summary>
    public static int? Version(string value)
    {
        if (value is "latest" or "-1")
            return null;

        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version >= 1
            ? version
            : throw RegistryException.InvalidVersion(value);
    }

    public static int Id(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new RegistryException(StatusCodes.Status404NotFound, $"Schema id '{value}'; expected a number");
}
