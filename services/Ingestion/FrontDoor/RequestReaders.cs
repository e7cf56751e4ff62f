namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>The forms of a body that the front door takes.</summary>
internal sealed class RequestReaders
{
    private readonly Dictionary<string, IRequestReader> _byType = new(StringComparer.OrdinalIgnoreCase);

    public RequestReaders(IEnumerable<IRequestReader> readers)
    {
        List<string> forms = [];
        foreach (var reader in readers)
        {
            foreach (var type in reader.MediaTypes)
                _byType.Add(type, reader);
            forms.Add($"{reader.MediaTypes[0]} ({reader.Form})");
        }

        Expected = forms.Count < 2 ? string.Concat(forms) : $"{string.Join(", ", forms[..^1])} or {forms[^1]}";
    }

    /// <summary>All forms, for people.</summary>
    public string Expected { get; }

    /// <summary>The reader of a content type; null where there is none.</summary>
    public IRequestReader? Find(string? contentType) => _byType.GetValueOrDefault(MediaType(contentType));

    private static string MediaType(string? contentType) => (contentType ?? "").Split(';', 2)[0].Trim();
}
