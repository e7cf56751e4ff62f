using System.Text;

namespace RealTimeMesh.Ingestion.Sources.Folders;

/// <summary>Names of files within ids of events.</summary>
internal static class FileNames
{
    private const int MaxLength = 120;

    /// <summary>A name without what breaks headers and logs; of a long one the end. Ids differ without it.</summary>
    public static string Shown(string name)
    {
        var shown = new StringBuilder(Math.Min(name.Length, MaxLength));
        foreach (var c in name.AsSpan(Math.Max(0, name.Length - MaxLength)))
            shown.Append(c is < ' ' or '\x7f' or '#' || char.IsSurrogate(c) ? '?' : c);
        return shown.ToString();
    }
}
