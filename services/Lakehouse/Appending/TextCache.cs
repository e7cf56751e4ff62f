using System.Text;

namespace RealTimeMesh.Lakehouse.Appending;

/// <summary>The text of the last UTF-8 value: neighbouring events share their source, so no string is made for each.</summary>
internal sealed class TextCache
{
    private byte[] _bytes = [];
    private string _text = "";

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (!utf8.SequenceEqual(_bytes))
        {
            _bytes = utf8.ToArray();
            _text = Encoding.UTF8.GetString(utf8);
        }

        return _text;
    }
}
