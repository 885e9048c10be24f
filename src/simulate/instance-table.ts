/**
 * Clusterman's table of EC2 instance types, a family a line: `size=vCPUs/GiB of memory/GB of local disk (- where there is
 * none)/GPUs`. It differs from the original where that was wrong:
 * - i3 disks are in GB like all others, not in TB;
 * - r3.8xlarge has two disks of 320 GB, not one;
 * - c5n has 2.625 GiB a vCPU and sizes of its own, not those of c5;
 * - p2.16xlarge has 732 GiB, not 768;
 * - i3en.12xlarge is there.
 */
export const instanceTable = `
t2: nano=1/0.5/-/0 micro=1/1/-/0 small=1/2/-/0 medium=2/4/-/0 large=2/8/-/0 xlarge=4/16/-/0 2xlarge=8/32/-/0
m6a: large=2/8/-/0 xlarge=4/16/-/0 2xlarge=8/32/-/0 4xlarge=16/64/-/0 8xlarge=32/128/-/0 12xlarge=48/192/-/0 16xlarge=64/256/-/0 24xlarge=96/384/-/0 32xlarge=128/512/-/0 48xlarge=192/768/-/0
m6i: large=2/8/-/0 xlarge=4/16/-/0 2xlarge=8/32/-/0 4xlarge=16/64/-/0 8xlarge=32/128/-/0 12xlarge=48/192/-/0 16xlarge=64/256/-/0 24xlarge=96/384/-/0 32xlarge=128/512/-/0
m6id: large=2/8/118/0 xlarge=4/16/237/0 2xlarge=8/32/474/0 4xlarge=16/64/950/0 8xlarge=32/128/1900/0 12xlarge=48/192/2850/0 16xlarge=64/256/3800/0 24xlarge=96/384/5700/0 32xlarge=128/512/7600/0
m5,m5a,m5n: large=2/8/-/0 xlarge=4/16/-/0 2xlarge=8/32/-/0 4xlarge=16/64/-/0 8xlarge=32/128/-/0 12xlarge=48/192/-/0 16xlarge=64/256/-/0 24xlarge=96/384/-/0
m5ad,m5d,m5dn: large=2/8/75/0 xlarge=4/16/150/0 2xlarge=8/32/300/0 4xlarge=16/64/600/0 8xlarge=32/128/1200/0 12xlarge=48/192/1800/0 16xlarge=64/256/2400/0 24xlarge=96/384/3600/0
m5zn: large=2/8/-/0 xlarge=4/16/-/0 2xlarge=8/32/-/0 3xlarge=12/48/-/0 6xlarge=24/96/-/0 12xlarge=48/192/-/0
m4: large=2/8/-/0 xlarge=4/16/-/0 2xlarge=8/32/-/0 4xlarge=16/64/-/0 10xlarge=40/160/-/0 16xlarge=64/256/-/0
m3: medium=1/3.75/4/0 large=2/7.5/32/0 xlarge=4/15/80/0 2xlarge=8/30/160/0
c6i: large=2/4/-/0 xlarge=4/8/-/0 2xlarge=8/16/-/0 4xlarge=16/32/-/0 8xlarge=32/64/-/0 12xlarge=48/96/-/0 16xlarge=64/128/-/0 24xlarge=96/192/-/0 32xlarge=128/256/-/0
c6id: large=2/4/118/0 xlarge=4/8/237/0 2xlarge=8/16/474/0 4xlarge=16/32/950/0 8xlarge=32/64/1900/0 12xlarge=48/96/2850/0 16xlarge=64/128/3800/0 24xlarge=96/192/5700/0 32xlarge=128/256/7600/0
c6a: large=2/4/-/0 xlarge=4/8/-/0 2xlarge=8/16/-/0 4xlarge=16/32/-/0 8xlarge=32/64/-/0 12xlarge=48/96/-/0 16xlarge=64/128/-/0 24xlarge=96/192/-/0 32xlarge=128/256/-/0 48xlarge=192/384/-/0 metal=192/384/-/0
c5: large=2/4/-/0 xlarge=4/8/-/0 2xlarge=8/16/-/0 4xlarge=16/32/-/0 9xlarge=36/72/-/0 12xlarge=48/96/-/0 18xlarge=72/144/-/0 24xlarge=96/192/-/0
c5n: large=2/5.25/-/0 xlarge=4/10.5/-/0 2xlarge=8/21/-/0 4xlarge=16/42/-/0 9xlarge=36/96/-/0 18xlarge=72/192/-/0
c5a: large=2/4/-/0 xlarge=4/8/-/0 2xlarge=8/16/-/0 4xlarge=16/32/-/0 8xlarge=32/64/-/0 12xlarge=48/96/-/0 16xlarge=64/128/-/0 24xlarge=96/192/-/0
c5ad: large=2/4/75/0 xlarge=4/8/150/0 2xlarge=8/16/300/0 4xlarge=16/32/600/0 8xlarge=32/64/1200/0 12xlarge=48/96/1800/0 16xlarge=64/128/2400/0 24xlarge=96/192/3800/0
c5d: large=2/4/50/0 xlarge=4/8/100/0 2xlarge=8/16/200/0 4xlarge=16/32/400/0 9xlarge=36/72/900/0 12xlarge=48/96/1800/0 18xlarge=72/144/1800/0 24xlarge=96/192/3600/0
c4: large=2/3.75/-/0 xlarge=4/7.5/-/0 2xlarge=8/15/-/0 4xlarge=16/30/-/0 8xlarge=36/60/-/0
c3: large=2/3.75/32/0 xlarge=4/7.5/80/0 2xlarge=8/15/160/0 4xlarge=16/30/320/0 8xlarge=32/60/640/0
x1: 32xlarge=128/1952/3840/0 16xlarge=64/976/1920/0
r6i: large=2/16/-/0 xlarge=4/32/-/0 2xlarge=8/64/-/0 4xlarge=16/128/-/0 8xlarge=32/256/-/0 12xlarge=48/384/-/0 16xlarge=64/512/-/0 24xlarge=96/768/-/0 32xlarge=128/1024/-/0
r6id,r6idn: large=2/16/118/0 xlarge=4/32/237/0 2xlarge=8/64/474/0 4xlarge=16/128/950/0 8xlarge=32/256/1900/0 12xlarge=48/384/2850/0 16xlarge=64/512/3800/0 24xlarge=96/768/5700/0 32xlarge=128/1024/7600/0
r5,r5a,r5b,r5n: large=2/16/-/0 xlarge=4/32/-/0 2xlarge=8/64/-/0 4xlarge=16/128/-/0 8xlarge=32/256/-/0 12xlarge=48/384/-/0 16xlarge=64/512/-/0 24xlarge=96/768/-/0
r5ad,r5d,r5dn: large=2/16/75/0 xlarge=4/32/150/0 2xlarge=8/64/300/0 4xlarge=16/128/600/0 8xlarge=32/256/1200/0 12xlarge=48/384/1800/0 16xlarge=64/512/2400/0 24xlarge=96/768/3600/0
r4: large=2/15.25/-/0 xlarge=4/30.5/-/0 2xlarge=8/61/-/0 4xlarge=16/122/-/0 8xlarge=32/244/-/0 16xlarge=64/488/-/0
r3: large=2/15.25/32/0 xlarge=4/30.5/80/0 2xlarge=8/61/160/0 4xlarge=16/122/320/0 8xlarge=32/244/640/0
i2: xlarge=4/30.5/800/0 2xlarge=8/61/1600/0 4xlarge=16/122/3200/0 8xlarge=32/244/6400/0
i3: large=2/15.25/475/0 xlarge=4/30.5/950/0 2xlarge=8/61/1900/0 4xlarge=16/122/3800/0 8xlarge=32/244/7600/0 16xlarge=64/488/15200/0
i3en: large=2/16/1250/0 xlarge=4/32/2500/0 2xlarge=8/64/5000/0 3xlarge=12/96/7500/0 6xlarge=24/192/15000/0 12xlarge=48/384/30000/0 24xlarge=96/768/60000/0
d2: xlarge=4/30.5/6000/0 2xlarge=8/61/12000/0 4xlarge=16/122/24000/0 8xlarge=36/244/48000/0
z1d: large=2/16/75/0 xlarge=4/32/150/0 2xlarge=8/64/300/0 3xlarge=12/96/450/0 6xlarge=24/192/900/0 12xlarge=48/384/1800/0
g2: 2xlarge=8/15/60/1 8xlarge=32/60/240/4
g3: 4xlarge=16/122/-/1 8xlarge=32/244/-/2 16xlarge=64/488/-/4
g3s: xlarge=4/30.5/-/1
g4dn: xlarge=4/16/125/1 2xlarge=8/32/225/1 4xlarge=16/64/225/1 8xlarge=32/128/900/1 16xlarge=64/256/900/1 12xlarge=48/192/900/4
p2: xlarge=4/61/-/1 8xlarge=32/488/-/8 16xlarge=64/732/-/16
p3: 2xlarge=8/61/-/1 8xlarge=32/244/-/4 16xlarge=64/488/-/8
p3dn: 24xlarge=96/768/1800/8
`
