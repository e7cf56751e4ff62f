using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace RealTimeMesh.Streaming;

/// <summary>A place in the order of a view's rows: window first, then key.</summary>
internal readonly record struct ViewCursor(long Window, string Key)
{
    public string Encode() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Window}~{Key}")));

    public static bool TryDecode(string text, out ViewCursor cursor)
    {
        cursor = default;
        if (!Base64Url.IsValid(text))
            return false;
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('~', 2);
        if (parts.Length != 2 || !long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var window))
            return false;
        cursor = new ViewCursor(window, parts[1]);
        return true;
    }

    /// <summary>True where a row comes after this place.</summary>
    public bool IsBefore(long window, string key, bool descending)
    {
        if (window != Window)
            return descending ? window < Window : window > Window;
        return string.CompareOrdinal(key, Key) > 0;
    }
}
