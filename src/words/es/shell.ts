import type { Tongue } from '../tongue.ts';
import type { Catalogue } from '../catalogue.ts';

export const shell = ({ name }: Tongue): Catalogue['shell'] => ({
  skipToContent: 'Ir al contenido',
  navLabel: 'Navegación principal',
  myAccount: 'Mi cuenta',
  myAccountShort: 'Cuenta',
  activity: 'Actividad',
  methods: 'Formas de pago',
  methodsShort: 'Pago',
  accountMenu: 'Su cuenta',
  signedInAs: 'Sesión iniciada como',
  switchAccount: 'Cambiar de cuenta',
  devices: 'Dónde ha accedido',
  signOut: 'Cerrar sesión',
  contact: ({ merchant }) => `Contactar con ${name(merchant)}`,
  language: 'Idioma',
  back: 'Volver',
  copy: 'Copiar',
  copied: 'Copiado',
  optional: 'Opcional',
  show: 'Mostrar',
  oneMoment: 'Un momento…',
  amount: 'Importe',
  date: 'Fecha',
  history: 'Historial',
});
