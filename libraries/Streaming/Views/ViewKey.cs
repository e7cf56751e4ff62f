namespace RealTimeMesh.Streaming;

/// <summary>One group of a view in one partition, with its pages.</summary>
internal sealed class ViewKey(string text)
{
    private readonly List<Page> _pages = [];

    /// <summary>See <see cref="KeyCodec"/>.</summary>
    public string Text { get; } = text;

    public IReadOnlyList<Page> Pages => _pages;

    public Page? Find(long number)
    {
        // Newest last; nearly every event is for one of the newest.
        for (var i = _pages.Count - 1; i >= 0; i--)
        {
            if (_pages[i].Number == number)
                return _pages[i];
        }

        return null;
    }

    public void Add(Page page)
    {
        var index = _pages.Count;
        while (index > 0 && _pages[index - 1].Number > page.Number)
            index--;
        _pages.Insert(index, page);
    }

    public void Remove(Page page) => _pages.Remove(page);
}
