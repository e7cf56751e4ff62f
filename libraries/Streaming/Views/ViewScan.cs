namespace RealTimeMesh.Streaming;

/// <summary>Reads the first rows of a query from one partition, in the query's order; pages that are not in memory are read on the way.</summary>
internal sealed class ViewScan(ViewQuery query, ViewCursor? after, string? key)
{
    /// <summary>At most <c>limit + 1</c> rows: one more than asked for tells whether there are more.</summary>
    public async Task<List<ViewRow>> RunAsync(PartitionView view, Func<Task> loadAsync)
    {
        List<ViewRow> rows = [];
        var plan = view.Plan;
        var numbers = view.Shelves.Keys.Where(number => MayHold(plan, number));
        if (query.Descending)
            numbers = numbers.Reverse();
        foreach (var number in numbers.ToArray())
        {
            var shelf = view.Shelves[number];
            view.RequestIndex(shelf);
            await loadAsync();
            var pages = key is null ? shelf.Pages : view.FindKey(key)?.Find(number) is { } page ? [page] : [];
            foreach (var wanted in pages)
                view.RequestPage(wanted);
            await loadAsync();
            Scan(plan, number, pages, rows);
            if (rows.Count > query.Limit)
                break;
        }

        return rows;
    }

    private void Scan(ViewPlan plan, long number, List<Page> pages, List<ViewRow> rows)
    {
        List<Page>? ordered = null;
        for (var i = 0; i < plan.PageWindows; i++)
        {
            var index = query.Descending ? plan.PageWindows - 1 - i : i;
            var window = number * plan.PageWindows + index;
            if (!IsWanted(plan, window))
                continue;
            ordered ??= [.. pages.OrderBy(page => page.Key.Text, StringComparer.Ordinal)];
            foreach (var page in ordered)
            {
                var slot = page.Find(index);
                if (slot < 0 || after is { } cursor && !cursor.IsBefore(window, page.Key.Text, query.Descending))
                    continue;
                rows.Add(new ViewRow(plan, page, slot, window));
                if (rows.Count > query.Limit)
                    return;
            }
        }
    }

    private bool MayHold(ViewPlan plan, long number)
    {
        if (query.From is { } from && plan.PageEnd(number) <= EventTimes.Of(from) || query.To is { } to && plan.PageStart(number) >= EventTimes.Of(to))
            return false;
        if (after is not { } cursor)
            return true;
        var cursorPage = plan.PageOf(cursor.Window);
        return query.Descending ? number <= cursorPage : number >= cursorPage;
    }

    private bool IsWanted(ViewPlan plan, long window)
    {
        var start = window * plan.WindowLength;
        return (query.From is not { } from || start >= EventTimes.Of(from)) && (query.To is not { } to || start < EventTimes.Of(to));
    }
}
